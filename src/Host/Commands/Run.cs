using System.CommandLine;
using Causerie.Chat;
using Causerie.Host.Commands.Chatting;
using Causerie.Host.Models;
using Causerie.Inference;

namespace Causerie.Host.Commands;

/// <summary><c>causerie run</c>: a chat in the terminal, or one answer.</summary>
internal sealed class Run : TerminalCommand
{
    private readonly ModelArgument _model;

    private readonly Argument<string[]> _question = new("QUESTION")
    {
        Description = "What to ask; without it, a chat. Text from a pipe is put before the question",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _system = new("--system")
    {
        Description = "Instructions that frame the conversation",
        HelpName = "TEXT",
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "With a question: print {\"text\": …, \"finish_reason\": …, \"usage\": …} when it is answered",
    };

    private readonly SamplingFlags _sampling;
    private readonly ComputeOptions _compute;

    /// <summary>Declares the command.</summary>
    public Run(Terminal terminal)
        : base(
            terminal,
            "run",
            "Chat with a model in the terminal, or ask it one question.\n\n"
            + "With a question, or a pipe, the answer alone goes to standard output. Without, a chat begins: Ctrl-C "
            + "stops an answer, /help shows what else can be done. The chat speaks English, or French where LANG is.")
    {
        _model = new ModelArgument(
            this, description: "A .gguf file, or the name of a model that 'causerie list' shows; else the built-in one",
            optional: true);
        Add(_question);
        Add(_system);
        _sampling = new SamplingFlags(this);
        _compute = new ComputeOptions(this, terminal, _model.Data);
        Add(_json);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("causerie run", "a chat with the built-in model"),
        new("causerie run \"How do I get a bigger model?\"", "one answer of the built-in model"),
        new("causerie run model.gguf", "a chat"),
        new("causerie run model.gguf \"What is a monad?\"", "one answer"),
        new("git diff | causerie run model.gguf \"Write the commit message\"", "a pipe as context"),
        new("causerie run model.gguf --system \"Answer in French.\" --temperature 0", "a chat with instructions"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<int, string> ExitCodes => new Dictionary<int, string>
    {
        [ExitCode.Ok] = "answered, or the chat was left",
        [ExitCode.Failure] = "the model cannot be opened, or the question does not fit its context",
    };

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var settings = new ChatRequest
        {
            Model = "",
            Messages = [],
            Sampling = _sampling.Read(arguments),
            MaxTokens = _sampling.MaxTokens(arguments),
            Stop = [.. _sampling.Stop(arguments)],
        };
        var (path, question) = Asked(arguments);
        string? system = arguments.GetValue(_system);
        if (Terminal.InputRedirected)
            question = Join(await Terminal.ReadTextAsync(cancellationToken), question);
        bool chat = question.Trim().Length == 0;
        if (chat && (Terminal.Keyboard is null || arguments.GetValue(_json)))
        {
            throw CommandException.Usage(
                "There is no question. Give one, pipe one in, or run it in a terminal to chat.");
        }

        var texts = ChatTexts.For(Terminal.Variable);
        var loaded = await _compute.LoadAsync(arguments, path, cancellationToken, texts: texts);
        await using var model = new LocalModel(loaded, _compute.Engine(arguments), Terminal.Time);
        using var keeping = _compute.Keeping(loaded, cancellationToken, texts);
        settings = settings with { Model = loaded.Card.Id };
        keeping.SayNotes();
        if (!chat)
            return await AskAsync(model, settings, system, question, arguments.GetValue(_json), cancellationToken);
        Introduce(loaded.Card);
        return await new ChatSession(Terminal, Terminal.Keyboard!, model, settings, system).RunAsync(cancellationToken);
    }

    /// <summary>The model's file and the question: a first word that is a sentence is no model, but asks the built-in one.</summary>
    private (string Path, string Question) Asked(ParseResult arguments)
    {
        string question = string.Join(' ', arguments.GetValue(_question) ?? []);
        return _model.Text(arguments) is { } first && first.Any(char.IsWhiteSpace) && !File.Exists(first)
            ? (_model.Resolve(BuiltInModel.Id, arguments, Terminal), $"{first} {question}".TrimEnd())
            : (_model.Resolve(arguments, Terminal), question);
    }

    private static string Join(string context, string question) =>
        context.Trim().Length == 0 ? question
        : question.Length == 0 ? context
        : $"{context.TrimEnd()}\n\n{question}";

    private void Introduce(ModelCard card)
    {
        string name = card.Name is null || card.Name == card.Id ? card.Id : $"{card.Name} ({card.Id})";
        Terminal.Out.WriteLine(
            $"{name}: {card.Architecture}, {Count.Text(card.Parameters ?? 0)}, {card.Format}, "
            + $"{card.ContextLength} tokens");
    }

    private async Task<int> AskAsync(
        IChatModel model, ChatRequest settings, string? system, string question, bool json,
        CancellationToken cancellationToken)
    {
        var asked = new ChatMessage(ChatRole.User, question);
        var request = settings with
        {
            Messages = system is null ? [asked] : [new ChatMessage(ChatRole.System, system), asked],
        };
        var texts = ChatTexts.For(Terminal.Variable);
        var answer = await Answer.StreamAsync(
            Terminal, texts, model, request, piece => Write(json ? "" : piece), cancellationToken);
        if (answer.Finished is not { } finished)
        {
            if (!json && !Terminal.OutputRedirected)
                Terminal.Out.WriteLine();
            return ExitCode.Interrupted;
        }

        if (json)
            WriteJson(answer.Text, finished);
        else
            Terminal.Out.WriteLine();
        if (finished.Reason == FinishReason.Length && settings.MaxTokens is null)
            Terminal.Error.WriteLine(texts.CutAtLimit);
        return ExitCode.Ok;
    }

    private void Write(string piece)
    {
        if (piece.Length > 0)
            Terminal.Out.Write(Terminal.Harmless(piece));
    }

    private void WriteJson(string text, ChatFinished finished) => Terminal.WriteJson(json =>
    {
        json.WriteStartObject();
        json.WriteString("text", text);
        json.WriteString("finish_reason", finished.Reason == FinishReason.Stop ? "stop" : "length");
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", finished.Usage.PromptTokens);
        json.WriteNumber("completion_tokens", finished.Usage.CompletionTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    });
}
