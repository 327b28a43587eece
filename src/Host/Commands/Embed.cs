using System.CommandLine;
using System.Globalization;
using System.Text;
using Causerie.Chat;
using Causerie.Inference.Embeddings;

namespace Causerie.Host.Commands;

/// <summary><c>causerie embed</c>: the vectors of texts, or how near the texts are to one another.</summary>
internal sealed class Embed : TerminalCommand
{
    private readonly ModelArgument _model;
    private readonly ComputeOptions _compute;

    private readonly Argument<string[]> _texts = new("TEXT")
    {
        Description = "The texts, each in quotes; none reads standard input, a text a line",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> _compare = new("--compare")
    {
        Description = "Print how near each text is to each other: 1 is the same direction, 0 nothing in common",
    };

    private readonly Option<int?> _dimensions = new("--dimensions")
    {
        Description = "Keep the first N numbers of each vector, scaled to length 1 again",
        HelpName = "N",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object with the vectors, or with what is compared" };

    /// <summary>Declares the command.</summary>
    public Embed(Terminal terminal)
        : base(
            terminal,
            "embed",
            "Turn texts into vectors.\n\n"
            + "The model must be an embedding model: an encoder such as bge or nomic-embed-text, or a decoder whose file says "
            + "how a text becomes one vector, such as Qwen3-Embedding. Vectors have length 1.")
    {
        _model = new ModelArgument(this);
        Add(_texts);
        Add(_compare);
        _dimensions.Validators.Add(ComputeOptions.AtLeastOne);
        Add(_dimensions);
        Add(_json);
        _compute = new ComputeOptions(this, terminal, _model.Data);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("causerie embed bge.gguf \"Bonjour, le monde\"", "one number a line"),
        new("causerie embed bge.gguf --compare \"a cat\" \"a kitten\" \"a bill\"", "a table of likenesses"),
        new("causerie embed bge.gguf --json < lines.txt", "the vector of each line"),
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        string[] texts = arguments.GetValue(_texts) is { Length: > 0 } given
            ? given
            : (await Terminal.ReadTextAsync(cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (texts.Length == 0 || texts.Any(text => text.Length == 0))
            throw CommandException.Usage("There is no embedding of nothing; give a text.");
        bool compare = arguments.GetValue(_compare), json = arguments.GetValue(_json);
        if (texts.Length > 1 && !compare && !json)
            throw CommandException.Usage($"There are {texts.Length} texts; say --json for their vectors, or --compare.");

        string path = _model.Resolve(arguments, Terminal);
        using var model = await _compute.LoadAsync(arguments, path, cancellationToken);
        using var keeping = _compute.Keeping(model, cancellationToken);
        keeping.SayNotes();
        await using var embedder = new Embedder(model, _compute.Engine(arguments));
        var answer = await embedder.EmbedAsync(
            new EmbeddingRequest
            {
                Model = model.Card.Id,
                Inputs = [.. texts.Select(EmbeddingInput.Of)],
                Dimensions = arguments.GetValue(_dimensions),
            },
            cancellationToken);
        if (json)
            WriteJson(answer, texts, compare);
        else if (compare)
            Compare(answer, texts);
        else
            Terminal.Out.Write(string.Concat(answer.Vectors[0].ToArray().Select(value => Number(value) + "\n")));
        return ExitCode.Ok;
    }

    private static string Number(float value) => value.ToString(CultureInfo.InvariantCulture);

    private static double Likeness(ReadOnlyMemory<float> a, ReadOnlyMemory<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += (double)a.Span[i] * b.Span[i];
        return sum;
    }

    private void Compare(EmbeddingAnswer answer, string[] texts)
    {
        var table = new StringBuilder();
        for (int i = 0; i < texts.Length; i++)
        {
            foreach (var other in answer.Vectors)
                table.Append(CultureInfo.InvariantCulture, $"{Likeness(answer.Vectors[i], other),7:F3}");
            table.Append("  ").Append(Terminal.Harmless(texts[i])).Append('\n');
        }

        Terminal.Out.Write(table);
    }

    private void WriteJson(EmbeddingAnswer answer, string[] texts, bool compare) => Terminal.WriteJson(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("texts");
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
        json.WriteStartArray(compare ? "likeness" : "vectors");
        foreach (var vector in answer.Vectors)
        {
            json.WriteStartArray();
            if (compare)
            {
                foreach (var other in answer.Vectors)
                    json.WriteNumberValue(Math.Round(Likeness(vector, other), 6));
            }
            else
            {
                foreach (float value in vector.Span)
                    json.WriteNumberValue(value);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteNumber("prompt_tokens", answer.PromptTokens);
        json.WriteEndObject();
    });
}
