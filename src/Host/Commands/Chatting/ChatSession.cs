using System.Globalization;
using System.Text;
using Causerie.Chat;

namespace Causerie.Host.Commands.Chatting;

/// <summary>A conversation at the keyboard: reads, asks, streams, remembers.</summary>
internal sealed class ChatSession(
    Terminal terminal, Keyboard keyboard, IChatModel model, ChatRequest settings, string? system)
{
    private const string Prompt = "> ";

    private readonly ChatTexts _texts = ChatTexts.For(terminal.Variable);
    private readonly LineEditor _editor = new(terminal, keyboard);
    private readonly List<ChatMessage> _messages = [];
    private string? _system = system;

    /// <summary>Talks until the person leaves.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        Say(_texts.Greeting);
        bool warned = false;
        while (true)
        {
            terminal.Out.WriteLine();
            var (text, end) = await Task.Run(() => _editor.Read(Prompt), CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            if (end == LineEnd.Left)
                return ExitCode.Ok;
            if (end == LineEnd.Interrupted)
            {
                // With something written Ctrl-C drops it; twice with nothing leaves.
                if (text.Length == 0 && warned)
                    return ExitCode.Interrupted;
                warned = text.Length == 0;
                if (warned)
                    Say(_texts.AgainToLeave);
                continue;
            }

            warned = false;
            if (text.Trim().Length == 0)
                continue;
            if (text.StartsWith('/') && !text.Contains('\n'))
            {
                if (await CommandAsync(text.Trim(), cancellationToken) is { } code)
                    return code;
                continue;
            }

            _messages.Add(new ChatMessage(ChatRole.User, text));
            await AnswerAsync(cancellationToken);
        }
    }

    private async Task<int?> CommandAsync(string line, CancellationToken cancellationToken)
    {
        string[] words = line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
        string argument = words.Length > 1 ? words[1] : "";
        switch (words[0])
        {
            case "/help" or "/aide" or "/?":
                Say(_texts.Help);
                return null;
            case "/exit" or "/quit" or "/bye" or "/quitter":
                return ExitCode.Ok;
            case "/clear" or "/effacer":
                _messages.Clear();
                Say(_texts.Cleared);
                return null;
            case "/system" or "/systeme" or "/système":
                if (argument.Length == 0)
                {
                    Say(_system ?? _texts.NoSystem);
                    return null;
                }

                _system = argument;
                Say(_texts.SystemSet);
                return null;
            case "/retry" or "/refaire":
                int question = _messages.FindLastIndex(message => message.Role == ChatRole.User);
                if (question < 0)
                {
                    Say(_texts.NothingToRetry);
                    return null;
                }

                _messages.RemoveRange(question + 1, _messages.Count - question - 1);
                await AnswerAsync(cancellationToken);
                return null;
            default:
                Say(string.Format(CultureInfo.InvariantCulture, CompositeFormat.Parse(_texts.Unknown), words[0]));
                return null;
        }
    }

    private async Task AnswerAsync(CancellationToken cancellationToken)
    {
        IEnumerable<ChatMessage> framed = _system is null ? _messages : [new(ChatRole.System, _system), .. _messages];
        using var work = terminal.Interrupts.Begin(cancellationToken);
        try
        {
            var answer = await Answer.StreamAsync(
                terminal, _texts, model, settings with { Messages = [.. framed] },
                piece => terminal.Out.Write(terminal.Harmless(piece)), work.Token);
            cancellationToken.ThrowIfCancellationRequested();
            terminal.Out.WriteLine();
            // Stopped before a word was said: the question is taken back, for two in a row confuse templates.
            if (answer is { Finished: null, Text: "" })
                _messages.RemoveAt(_messages.Count - 1);
            else
                _messages.Add(new ChatMessage(ChatRole.Assistant, answer.Text));
            if (answer.Finished is not { } finished)
                Say(_texts.Stopped);
            else
                Sum(finished);
        }
        catch (ChatException e)
        {
            // The question is taken back, so that the conversation is as it was before.
            _messages.RemoveAt(_messages.Count - 1);
            terminal.Error.WriteLine(e.Message);
            if (e.Kind == ChatErrorKind.ContextLengthExceeded)
                Say(_texts.Overflow);
        }
    }

    private void Sum(ChatFinished finished)
    {
        if (finished.Reason == FinishReason.Length)
            Say(_texts.CutAtLimit);
        double seconds = finished.Usage.CompletionTime.TotalSeconds;
        if (seconds > 0)
        {
            Say(string.Format(
                CultureInfo.InvariantCulture, CompositeFormat.Parse(_texts.Rate), finished.Usage.CompletionTokens,
                finished.Usage.CompletionTokens / seconds));
        }
    }

    // What we say ourselves, quieter than what the model says.
    private void Say(string text)
    {
        foreach (string line in text.Split('\n'))
            terminal.Out.WriteLine(terminal.Colourful ? $"\e[2m{line.TrimEnd('\r')}\e[0m" : line.TrimEnd('\r'));
    }
}
