using Causerie.Chat;

namespace Causerie.Host.Commands.Chatting;

/// <summary>One answer, written to standard output as it comes.</summary>
/// <param name="Text">What was said.</param>
/// <param name="Finished">How it ended; null where it was stopped.</param>
internal sealed record Answer(string Text, ChatFinished? Finished)
{
    /// <summary>Asks <paramref name="model"/> and writes the answer.</summary>
    /// <param name="terminal">Where to write.</param>
    /// <param name="texts">The person's language.</param>
    /// <param name="model">Who answers.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="write">Takes each piece.</param>
    /// <param name="cancellationToken">Stops the answer; what was said until then is kept.</param>
    public static async Task<Answer> StreamAsync(
        Terminal terminal, ChatTexts texts, IChatModel model, ChatRequest request, Action<string> write,
        CancellationToken cancellationToken)
    {
        var text = new System.Text.StringBuilder();
        ChatFinished? finished = null;
        bool reading = false;
        int thoughts = 0;
        try
        {
            await foreach (var chatEvent in model.StreamAsync(request, cancellationToken))
            {
                switch (chatEvent)
                {
                    case ChatProgress(var done, var all) when !terminal.ErrorRedirected && done < all:
                        Show(string.Format(null, texts.Reading, done, all));
                        break;
                    case ChatThinking when !terminal.ErrorRedirected:
                        Show(string.Format(null, texts.Thinking, ++thoughts));
                        break;
                    case ChatText piece:
                        Show(null);
                        text.Append(piece.Text);
                        write(piece.Text);
                        break;
                    case ChatFinished end:
                        finished = end;
                        break;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The person pressed Ctrl-C: what was said stays.
        }
        finally
        {
            Show(null);
        }

        return new Answer(text.ToString(), finished);

        // A note that the next one, or the answer, wipes out.
        void Show(string? note)
        {
            if (reading)
                terminal.Error.Write("\r\e[K");
            reading = note is not null;
            if (note is not null)
                terminal.Error.Write(note);
        }
    }
}
