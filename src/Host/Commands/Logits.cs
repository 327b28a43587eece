using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Causerie.Inference;

namespace Causerie.Host.Commands;

/// <summary><c>causerie logits</c>: what a model thinks of every next token, to compare engines.</summary>
internal sealed class Logits : TerminalCommand
{
    private readonly ModelArgument _model;

    private readonly Option<string> _ids = new("--ids")
    {
        Description = "The token ids, separated by commas or spaces",
        HelpName = "1,2,3",
        Required = true,
    };

    private readonly Option<int> _top = new("--top")
    {
        Description = "How many of the most likely tokens to print for each position",
        HelpName = "N",
        DefaultValueFactory = _ => 10,
    };

    private readonly Option<bool> _all = new("--all")
    {
        Description = "With --json, add the whole row of logits to each position; the numbers read back exactly",
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print {\"positions\": [{\"top\": [{\"id\": …, \"logit\": …}]}]}",
    };

    private readonly ComputeOptions _compute;

    /// <summary>Declares the command.</summary>
    public Logits(Terminal terminal)
        : base(
            terminal,
            "logits",
            "Print a model's logits after each of some token ids.\n\n"
            + "The ids are taken as they are: nothing is added, so give BOS yourself where the model wants it.")
    {
        _model = new ModelArgument(this);
        Add(_ids);
        Add(_top);
        Add(_all);
        _compute = new ComputeOptions(this, terminal, _model.Data, withKv: false);
        Add(_json);
        _top.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out int number) && number < 0)
                result.AddError($"--top should be at least 0, not {number}.");
        });
        Validators.Add(result =>
        {
            if (result.GetValue(_all) && !result.GetValue(_json))
                result.AddError("--all prints whole rows for programs; give --json, too.");
        });
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("causerie logits model.gguf --ids 1,403,407", "the ten best next tokens at each position"),
        new("causerie logits model.gguf --ids 1,403,407 --json --all", "whole rows, for comparison"),
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        int[] ids = Read(arguments.GetRequiredValue(_ids));
        int top = arguments.GetValue(_top);
        bool all = arguments.GetValue(_all);
        string path = _model.Resolve(arguments, Terminal);
        using var model = await _compute.LoadAsync(arguments, path, cancellationToken);
        using var keeping = _compute.Keeping(model, cancellationToken);
        int? threads = _compute.Threads(arguments);
        if (arguments.GetValue(_json))
        {
            Terminal.WriteJson(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("positions");
                model.Logits(
                    ids, (position, logits) => Write(json, position, logits, top, all), threads, cancellationToken);
                json.WriteEndArray();
                json.WriteEndObject();
            });
        }
        else
        {
            model.Logits(
                ids, (position, logits) => Print(model, ids[position], position, logits, top), threads,
                cancellationToken);
        }

        return ExitCode.Ok;
    }

    /// <summary>Ids of the <paramref name="count"/> largest logits, largest first; the smaller id of equals.</summary>
    internal static int[] Largest(ReadOnlySpan<float> logits, int count)
    {
        count = Math.Min(count, logits.Length);
        var ids = new List<int>();
        for (int id = 0; count > 0 && id < logits.Length; id++)
        {
            if (ids.Count == count && logits[id] <= logits[ids[^1]])
                continue;
            int at = ids.Count;
            while (at > 0 && logits[id] > logits[ids[at - 1]])
                at--;
            ids.Insert(at, id);
            if (ids.Count > count)
                ids.RemoveAt(count);
        }

        return [.. ids];
    }

    private static int[] Read(string text)
    {
        string[] parts = text.Split([',', ' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries);
        var ids = new int[parts.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out ids[i]))
                throw CommandException.Usage($"'{parts[i]}' is not a token id; --ids takes numbers such as 1,2,3.");
        }

        return ids.Length > 0 ? ids : throw CommandException.Usage("--ids is empty; it takes numbers such as 1,2,3.");
    }

    private static void Write(Utf8JsonWriter json, int position, ReadOnlySpan<float> logits, int top, bool all)
    {
        Check(position, logits);
        json.WriteStartObject();
        json.WriteStartArray("top");
        foreach (int id in Largest(logits, top))
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteNumber("logit", logits[id]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (all)
        {
            json.WriteStartArray("logits");
            foreach (float logit in logits)
                json.WriteNumberValue(logit);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.Flush();
    }

    private void Print(LoadedModel model, int after, int position, ReadOnlySpan<float> logits, int top)
    {
        Check(position, logits);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"position {position}, after {after} {Token(model, after)}\n");
        foreach (int id in Largest(logits, top))
            text.Append(CultureInfo.InvariantCulture, $"{id,8}  {logits[id],10:0.0000}  {Token(model, id)}\n");
        Terminal.Out.Write(text);
    }

    private static string Token(LoadedModel model, int id) =>
        id < model.Tokenizer.Vocabulary.Tokens.Length
            ? Tokenize.Quote(model.Tokenizer.Vocabulary.Tokens[id]) : "(no text)";

    private static void Check(int position, ReadOnlySpan<float> logits)
    {
        for (int id = 0; id < logits.Length; id++)
        {
            if (!float.IsFinite(logits[id]))
                throw new CommandException($"The logit of token {id} at position {position} is {logits[id]}.");
        }
    }
}
