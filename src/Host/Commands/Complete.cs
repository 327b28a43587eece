using System.CommandLine;
using System.Text;
using Causerie.Inference;
using Causerie.Text.Parsers;

namespace Causerie.Host.Commands;

/// <summary><c>causerie complete</c>: raw continuation of a text, without a chat template.</summary>
internal sealed class Complete : TerminalCommand
{
    private readonly ModelArgument _model;

    private readonly Argument<string?> _prompt = new("PROMPT")
    {
        Description = "The text to continue; '-' or nothing reads standard input, to the byte",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _parseSpecial = new("--parse-special")
    {
        Description = "Let control tokens that are typed as text, such as <|im_end|>, count as themselves",
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print {\"text\": …, \"tokens\": […]} when the text is complete",
    };

    private readonly SamplingFlags _sampling;
    private readonly ComputeOptions _compute;

    /// <summary>Declares the command.</summary>
    public Complete(Terminal terminal)
        : base(
            terminal,
            "complete",
            "Continue a text, as the model would without any chat around it.\n\n"
            + "The tokens that the model wants in front of a text, such as BOS, are added; no template is used. "
            + "The text goes on until the model ends it, --max-tokens or the context is full.")
    {
        _model = new ModelArgument(this);
        Add(_prompt);
        _sampling = new SamplingFlags(this);
        Add(_parseSpecial);
        _compute = new ComputeOptions(this, terminal, _model.Data);
        Add(_json);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("causerie complete model.gguf \"Once upon a time\" --max-tokens 100", "a story, as it comes"),
        new("causerie complete model.gguf \"2 + 2 =\" --max-tokens 4 --temperature 0 --json", "for programs"),
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var sampling = _sampling.Read(arguments);
        var stops = new StopScanner(_sampling.Stop(arguments));
        bool json = arguments.GetValue(_json);
        string? prompt = arguments.GetValue(_prompt);
        string path = _model.Resolve(arguments, Terminal);
        if (prompt is null or "-")
            prompt = await Terminal.ReadTextAsync(cancellationToken);
        using var model = await _compute.LoadAsync(arguments, path, cancellationToken);
        using var keeping = _compute.Keeping(model, cancellationToken);
        int[] ids = model.Tokenizer.Encode(prompt, addSpecial: true, parseSpecial: arguments.GetValue(_parseSpecial));
        if (ids.Length == 0)
            throw CommandException.Usage("The prompt is empty, and this model adds no token to begin with.");
        var request = new GenerationRequest(ids) { Sampling = sampling, MaxTokens = _sampling.MaxTokens(arguments) };
        var utf8 = Encoding.UTF8.GetDecoder();
        var text = new StringBuilder();
        var tokens = new List<int>();
        await using var engine = new Engine(model, _compute.Engine(arguments), Terminal.Time);
        await foreach (var step in engine.GenerateAsync(request, cancellationToken))
        {
            if (step is GeneratedToken token)
            {
                tokens.Add(token.Id);
                Emit(stops.Push(Chars(utf8, model.Tokenizer.Bytes(token.Id), flush: false)));
                if (stops.Stopped)
                    break;
            }
            else if (step is GenerationEnded)
            {
                Emit(stops.Push(Chars(utf8, [], flush: true)) + stops.Flush());
            }
        }

        if (json)
            WriteJson(text.ToString(), tokens);
        else
            Terminal.Out.WriteLine();
        return ExitCode.Ok;

        void Emit(string piece)
        {
            text.Append(piece);
            if (!json)
                Terminal.Out.Write(Terminal.Harmless(piece));
        }
    }

    private void WriteJson(string text, IEnumerable<int> tokens) => Terminal.WriteJson(json =>
    {
        json.WriteStartObject();
        json.WriteString("text", text);
        json.WriteStartArray("tokens");
        foreach (int id in tokens)
            json.WriteNumberValue(id);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static string Chars(Decoder utf8, ReadOnlySpan<byte> bytes, bool flush)
    {
        var chars = new char[utf8.GetCharCount(bytes, flush)];
        utf8.GetChars(bytes, chars, flush);
        return new string(chars);
    }
}
