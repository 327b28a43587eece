using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Causerie.Host.Commands.Loading;
using Causerie.Host.Models;
using Causerie.Inference.Gguf;
using Causerie.Inference.Panels;
using Spectre.Console;

namespace Causerie.Host.Commands;

/// <summary><c>causerie show</c>: what is in a model file and what it will need.</summary>
internal sealed class Show : TerminalCommand
{
    private readonly ModelArgument _model;

    private readonly Option<bool> _template = new("--template")
    {
        Description = "Print the chat template alone, whole",
    };

    private readonly Option<bool> _metadata = new("--metadata")
    {
        Description = "Print every metadata key as well",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object" };

    /// <summary>Declares the command.</summary>
    public Show(Terminal terminal)
        : base(
            terminal,
            "show",
            "Show what is in a model file: architecture, formats, context, tokenizer, chat template.\n\n"
            + "It also says how much memory the model will need: its weights are put into the order that the engine "
            + "reads and kept for the next start, as large again as the file; the cache of keys and values grows with the conversation.")
    {
        _model = new ModelArgument(this);
        Add(_template);
        Add(_metadata);
        _model.AddDataOption(this);
        Add(_json);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("causerie show model.gguf", "a page about the model"),
        new("causerie show model.gguf --template > template.jinja", "its chat template as a file"),
        new("causerie show model.gguf --json", "for programs"),
    ];

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var file = _model.Open(arguments, Terminal);
        var summary = ModelSummary.Of(file);
        var kept = WeightsOption.Shown(arguments, _model.Data, Terminal) is { } folder
            ? KeptWeights.Find(folder, file) : null;
        if (arguments.GetValue(_template))
        {
            if (summary.ChatTemplate is null)
                throw new CommandException($"{file.Path} has no chat template.");
            Terminal.Out.Write(summary.ChatTemplate);
        }
        else if (arguments.GetValue(_json))
        {
            Terminal.WriteJson(json => Write(json, file, summary, kept, arguments.GetValue(_metadata)));
        }
        else
        {
            Draw(file, summary, kept, arguments.GetValue(_metadata));
        }

        return Task.FromResult(ExitCode.Ok);
    }

    private void Draw(GgufFile file, ModelSummary summary, FileInfo? kept, bool withMetadata)
    {
        var page = new Grid().AddColumn(new GridColumn().PadRight(3).NoWrap()).AddColumn();
        Row("File", string.Join("\n", file.Paths));
        Row("Name", summary.Name);
        Row("Architecture", summary.Architecture);
        Row("Parameters", $"{Count.Text(summary.Parameters)} ({summary.Parameters:N0})");
        Row("Layers", Number(summary.Layers));
        Row("Hidden size", Number(summary.EmbeddingLength));
        Row("Context", summary.ContextLength is { } context ? $"{context} tokens" : null);
        Row("Tokenizer", summary.Tokenizer is null ? null
            : $"{summary.Tokenizer}{(summary.PreTokenizer is null ? "" : $" ({summary.PreTokenizer})")}, "
                + $"{summary.VocabularySize} tokens");
        Row("Size", ByteSize.Text(summary.FileSize));
        Row("Weights", $"{ByteSize.Text(summary.WeightBytes)}");
        Row("Kept", kept is null ? null : $"{ByteSize.Text(kept.Length)} of arranged weights in {kept.FullName}");
        if (CacheBytes(summary, 1000) is { } thousand)
        {
            Row("Cache", $"{ByteSize.Text(thousand)} for each 1000 tokens"
                + (CacheBytes(summary, summary.ContextLength) is { } full
                    ? $", {ByteSize.Text(full)} for the whole context" : ""));
        }

        Row("Chat template", summary.ChatTemplate is { } template
            ? $"{template.Length} characters; --template prints it"
            : "none; ChatML stands in");
        Terminal.Draw(page);
        Terminal.Out.WriteLine();
        Terminal.Draw(Formats(summary));
        if (withMetadata)
        {
            Terminal.Out.WriteLine();
            foreach (string key in file.Metadata.Keys)
                Terminal.Out.WriteLine($"{key} = {file.Metadata.Describe(key)}");
        }

        void Row(string name, string? value)
        {
            if (value is not null)
                page.AddRow(new Spectre.Console.Text(name, new Style(Color.Grey)), new Spectre.Console.Text(value));
        }
    }

    private static Table Formats(ModelSummary summary)
    {
        var table = new Table().Border(TableBorder.None)
            .AddColumns("FORMAT", "TENSORS", "PARAMETERS", "SIZE", "");
        foreach (int number in (int[])[1, 2, 3])
            table.Columns[number].RightAligned();
        foreach (var column in table.Columns)
            column.PadLeft(0).PadRight(2).NoWrap();
        foreach (var share in summary.Formats)
        {
            table.AddRow(
                share.Name,
                Number(share.Tensors)!,
                Count.Text(share.Parameters),
                ByteSize.Text(share.Bytes),
                share.Supported ? "" : "not supported");
        }

        return table;
    }

    private static void Write(
        Utf8JsonWriter json, GgufFile file, ModelSummary summary, FileInfo? kept, bool withMetadata)
    {
        json.WriteStartObject();
        json.WriteStartArray("files");
        foreach (string path in file.Paths)
            json.WriteStringValue(path);
        json.WriteEndArray();
        json.WriteNumber("gguf_version", file.Version);
        json.WriteString("name", summary.Name);
        json.WriteString("architecture", summary.Architecture);
        json.WriteNumber("parameters", summary.Parameters);
        Optional("layers", summary.Layers);
        Optional("embedding_length", summary.EmbeddingLength);
        Optional("context_length", summary.ContextLength);
        json.WriteNumber("size", summary.FileSize);
        json.WriteString("format", summary.Format);
        json.WriteStartArray("formats");
        foreach (var share in summary.Formats)
        {
            json.WriteStartObject();
            json.WriteString("name", share.Name);
            json.WriteNumber("tensors", share.Tensors);
            json.WriteNumber("parameters", share.Parameters);
            json.WriteNumber("bytes", share.Bytes);
            json.WriteBoolean("supported", share.Supported);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("memory");
        json.WriteNumber("weights", summary.WeightBytes);
        Optional("kept_weights", kept?.Length);
        Optional("cache_per_1000_tokens", CacheBytes(summary, 1000));
        Optional("cache_at_context", CacheBytes(summary, summary.ContextLength));
        json.WriteEndObject();
        json.WriteStartObject("tokenizer");
        json.WriteString("model", summary.Tokenizer);
        json.WriteString("pre", summary.PreTokenizer);
        json.WriteNumber("tokens", summary.VocabularySize);
        json.WriteEndObject();
        json.WriteString("chat_template", summary.ChatTemplate);
        if (withMetadata)
        {
            json.WriteStartObject("metadata");
            foreach (string key in file.Metadata.Keys)
                json.WriteString(key, file.Metadata.Describe(key));
            json.WriteEndObject();
        }

        json.WriteEndObject();

        void Optional(string name, long? value)
        {
            if (value is { } number)
                json.WriteNumber(name, number);
            else
                json.WriteNull(name);
        }
    }

    private static long? CacheBytes(ModelSummary summary, int? tokens) =>
        summary.CacheValuesPerToken * tokens * ModelSummary.CacheValueBytes;

    private static string? Number(int? value) => value?.ToString(CultureInfo.InvariantCulture);
}
