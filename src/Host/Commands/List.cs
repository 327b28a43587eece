using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Causerie.Host.Commands.Loading;
using Causerie.Host.Models;
using Spectre.Console;

namespace Causerie.Host.Commands;

/// <summary><c>causerie list</c>: the models in the data folder.</summary>
internal sealed class List : TerminalCommand
{
    private readonly DataOption _data = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print an array of JSON objects" };

    /// <summary>Declares the command.</summary>
    public List(Terminal terminal)
        : base(
            terminal,
            "list",
            "List the models in the data folder, and the built-in one.\n\n"
            + "These are the files that 'causerie pull' fetched and those that you put under its models folder. "
            + "Each name can stand for MODEL in the other commands; a file elsewhere is named by its path. "
            + "KEPT is what is kept beside them for a quick start: their weights in the order that the engine reads.")
    {
        Add(_data);
        Add(_json);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("causerie list", "a table for people"),
        new("causerie list --json", "the same for programs: name, path, size, architecture, format, parameters …"),
    ];

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var store = new ModelStore(_data.Folder(arguments, Terminal), Terminal.BuiltIn);
        var models = store.List(WeightsOption.Shown(arguments, _data, Terminal));
        if (arguments.GetValue(_json))
        {
            Terminal.WriteJson(json =>
            {
                json.WriteStartArray();
                foreach (var model in models)
                    Write(json, model);
                json.WriteEndArray();
            });
        }
        else if (models.IsEmpty)
        {
            Terminal.Out.WriteLine($"There is no model in {store.Folder} yet.");
            Terminal.Out.WriteLine("To fetch one: causerie pull bartowski/Llama-3.2-1B-Instruct-GGUF");
        }
        else
        {
            Draw(models);
        }

        return Task.FromResult(ExitCode.Ok);
    }

    private void Draw(ImmutableArray<StoredModel> models)
    {
        bool anyKept = models.Any(model => model.Kept is not null);
        var table = new Table().Border(TableBorder.None).AddColumns("NAME", "SIZE", "ARCHITECTURE", "FORMAT");
        table.AddColumns("PARAMETERS", "CONTEXT", "MODIFIED");
        if (anyKept)
            table.AddColumn("KEPT");
        foreach (int number in anyKept ? (int[])[1, 4, 5, 7] : [1, 4, 5])
            table.Columns[number].RightAligned();
        foreach (var column in table.Columns)
            column.PadLeft(0).PadRight(2).NoWrap();
        foreach (var model in models)
        {
            var summary = model.Summary;
            string[] cells =
            [
                model.Name,
                ByteSize.Text(model.Size),
                summary is null ? "cannot be read" : summary.Architecture ?? "?",
                summary?.Format ?? "",
                summary is null ? "" : Count.Text(summary.Parameters),
                summary?.ContextLength?.ToString(CultureInfo.InvariantCulture) ?? "",
                TimeZoneInfo.ConvertTime(model.Modified, Terminal.Time.LocalTimeZone)
                    .ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
                .. anyKept ? [model.Kept is { } kept ? ByteSize.Text(kept) : ""] : Array.Empty<string>(),
            ];
            table.AddRow(cells.Select(cell => new Spectre.Console.Text(cell)));
        }

        Terminal.Draw(table);
        foreach (var model in models.Where(model => model.Problem is not null))
            Terminal.Error.WriteLine($"{model.Name}: {model.Problem}");
    }

    private static void Write(Utf8JsonWriter json, StoredModel model)
    {
        json.WriteStartObject();
        json.WriteString("name", model.Name);
        json.WriteString("path", model.Paths[0]);
        json.WriteNumber("size", model.Size);
        json.WriteString("modified", model.Modified);
        if (model.Kept is { } kept)
            json.WriteNumber("kept_weights", kept);
        else
            json.WriteNull("kept_weights");
        if (model.Summary is { } summary)
        {
            json.WriteString("architecture", summary.Architecture);
            json.WriteString("format", summary.Format);
            json.WriteNumber("parameters", summary.Parameters);
            if (summary.ContextLength is { } context)
                json.WriteNumber("context_length", context);
            else
                json.WriteNull("context_length");
        }
        else
        {
            json.WriteString("error", model.Problem);
        }

        json.WriteEndObject();
    }
}
