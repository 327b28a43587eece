using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;
using Causerie.Host.Models;
using Causerie.Inference;
using Spectre.Console;

namespace Causerie.Host.Commands;

/// <summary><c>causerie bench</c>: how fast a model runs on this machine.</summary>
internal sealed class Bench : TerminalCommand
{
    private readonly ModelArgument _model;
    private readonly Option<int> _prompt = Number("--prompt", 512, "Tokens of prompt to read");
    private readonly Option<int> _generate = Number("--generate", 128, "Tokens to write");
    private readonly Option<int> _repetitions = Number("--repetitions", 3, "Measured runs, after one that is not");
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object" };
    private readonly ComputeOptions _compute;

    /// <summary>Declares the command.</summary>
    public Bench(Terminal terminal)
        : base(
            terminal,
            "bench",
            "Measure a model: tokens per second for prompt and generation, start, memory.\n\n"
            + "Prompt and generation are measured apart, each from an empty context, as other engines do: the prompt's "
            + "rate counts up to the first token; generation goes on from one token, greedily. A first run warms up "
            + "and gives the cold start. Figures are medians, with the smallest and largest.")
    {
        _model = new ModelArgument(this);
        Add(_prompt);
        Add(_generate);
        Add(_repetitions);
        _compute = new ComputeOptions(this, terminal, _model.Data, withContext: false);
        Add(_json);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("causerie bench model.gguf", "512 tokens of prompt, 128 of generation"),
        new("causerie bench model.gguf --prompt 2048 --generate 64 --threads 4 --json", "for programs"),
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        int prompt = arguments.GetValue(_prompt);
        int generate = arguments.GetValue(_generate);
        int repetitions = arguments.GetValue(_repetitions);
        string path = _model.Resolve(arguments, Terminal);
        var time = Terminal.Time;

        long start = time.GetTimestamp();
        using var model = await _compute.LoadAsync(
            arguments, path, cancellationToken, Math.Max(prompt, generate + 1) + 1);
        using var keeping = _compute.Keeping(model, cancellationToken);
        await using var engine = new Engine(model, _compute.Engine(arguments) with { KeepPrefixes = false, Speculate = false }, time);
        double load = time.GetElapsedTime(start).TotalMilliseconds;

        Note($"{model.Card.Id}: loaded in {Duration.Text(load)}; warming up");
        var cold = await MeasureAsync(engine, model, prompt, 1, cancellationToken);
        // What is measured from here on shares the machine with nothing.
        keeping.Await();
        model.Settle();
        await MeasureAsync(engine, model, 1, generate + 1, cancellationToken);
        var first = new List<double>();
        var read = new List<double>();
        var written = new List<double>();
        for (int i = 1; i <= repetitions; i++)
        {
            var reading = await MeasureAsync(engine, model, prompt, 1, cancellationToken);
            var writing = await MeasureAsync(engine, model, 1, generate + 1, cancellationToken);
            first.Add(reading.First.TotalMilliseconds);
            read.Add(prompt / reading.First.TotalSeconds);
            written.Add(generate / (writing.Last - writing.First).TotalSeconds);
            Note($"run {i} of {repetitions}: prompt {read[^1]:0.0} tokens/s, generation {written[^1]:0.0} tokens/s");
        }

        var result = new BenchResult(
            model.Card, _compute.Threads(arguments) ?? WorkerPool.DefaultThreads, prompt, generate, repetitions,
            load, load + cold.First.TotalMilliseconds, Spread.Of(first), Spread.Of(read), Spread.Of(written),
            ProcessMemory.Read(), model.Memory.Weights, model.ArrangedEarlier);
        if (arguments.GetValue(_json))
            Terminal.WriteJson(json => Write(json, result));
        else
            Draw(result);
        return ExitCode.Ok;
    }

    private static Option<int> Number(string name, int usual, string description)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => usual,
        };
        option.Validators.Add(ComputeOptions.AtLeastOne);
        return option;
    }

    private void Note(FormattableString text) => Terminal.Error.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    /// <summary>One generation: when the first and the last token came.</summary>
    private async Task<(TimeSpan First, TimeSpan Last)> MeasureAsync(
        Engine engine, LoadedModel model, int prompt, int generate, CancellationToken cancellationToken)
    {
        int vocabulary = model.Tokenizer.Vocabulary.Tokens.Length;
        // Spread over the vocabulary without a pattern that a cache would like.
        int[] ids = [.. Enumerable.Range(1, prompt).Select(i => (int)(i * 7919L % vocabulary))];
        var request = new GenerationRequest(ids)
        {
            Sampling = SamplingOptions.Greedy,
            MaxTokens = generate,
            IgnoreEnd = true,
        };
        long start = Terminal.Time.GetTimestamp();
        TimeSpan first = default, last = default;
        await foreach (var step in engine.GenerateAsync(request, cancellationToken))
        {
            if (step is not GeneratedToken)
                continue;
            last = Terminal.Time.GetElapsedTime(start);
            if (first == default)
                first = last;
        }

        return (first, last);
    }

    private void Draw(BenchResult result)
    {
        var facts = new Grid().AddColumn(new GridColumn().PadRight(3).NoWrap()).AddColumn();
        Fact("Model", $"{result.Card.Id} ({result.Card.Architecture}, {result.Card.Format})");
        Fact("Threads", $"{result.Threads}");
        Fact("Kernels", Instructions.Description);
        string origin = result.ArrangedEarlier ? "read as an earlier start arranged them" : "arranged at load";
        Fact("Weights", $"{ByteSize.Text(result.Weights)}, {origin}");
        string own = result.Memory.Anonymous is { } bytes
            ? $", {ByteSize.Text(bytes)} of it not mapped from files" : "";
        Fact("Peak memory", $"{ByteSize.Text(result.Memory.Peak)}{own}");
        Terminal.Draw(facts);
        Terminal.Out.WriteLine();

        var table = new Table().Border(TableBorder.None).AddColumns("MEASURE", "MEDIAN", "SMALLEST", "LARGEST");
        foreach (int number in (int[])[1, 2, 3])
            table.Columns[number].RightAligned();
        foreach (var column in table.Columns)
            column.PadLeft(0).PadRight(2).NoWrap();
        Row($"Prompt of {result.Prompt} tokens", result.Read, Rate);
        Row($"Generation of {result.Generate} tokens", result.Written, Rate);
        Row("First token, once loaded", result.First, Duration.Text);
        Row("Load", Spread.Of([result.LoadMilliseconds]), Duration.Text);
        Row("First token, load included", Spread.Of([result.ColdMilliseconds]), Duration.Text);
        Terminal.Draw(table);

        void Fact(string name, string value) =>
            facts.AddRow(new Spectre.Console.Text(name, new Style(Color.Grey)), new Spectre.Console.Text(value));

        // What was measured once has no spread.
        void Row(string name, Spread spread, Func<double, string> text) => table.AddRow(
            name, text(spread.Median), spread.Min == spread.Max ? "" : text(spread.Min),
            spread.Min == spread.Max ? "" : text(spread.Max));

        static string Rate(double value) => $"{value.ToString("0.0", CultureInfo.InvariantCulture)} tokens/s";
    }

    private static void Write(Utf8JsonWriter json, BenchResult result)
    {
        json.WriteStartObject();
        json.WriteString("model", result.Card.Id);
        json.WriteString("architecture", result.Card.Architecture);
        json.WriteString("format", result.Card.Format);
        json.WriteNumber("threads", result.Threads);
        json.WriteString("kernels", Instructions.Description);
        json.WriteNumber("prompt", result.Prompt);
        json.WriteNumber("generate", result.Generate);
        json.WriteNumber("repetitions", result.Repetitions);
        json.WriteNumber("load_ms", Math.Round(result.LoadMilliseconds, 3));
        json.WriteNumber("cold_first_token_ms", Math.Round(result.ColdMilliseconds, 3));
        result.First.Write(json, "first_token_ms");
        result.Read.Write(json, "prompt_tokens_per_second");
        result.Written.Write(json, "generation_tokens_per_second");
        json.WriteNumber("weight_bytes", result.Weights);
        json.WriteBoolean("weights_arranged_earlier", result.ArrangedEarlier);
        json.WriteNumber("peak_memory_bytes", result.Memory.Peak);
        if (result.Memory.Anonymous is { } own)
            json.WriteNumber("unmapped_memory_bytes", own);
        json.WriteEndObject();
    }

    private sealed record BenchResult(
        ModelCard Card, int Threads, int Prompt, int Generate, int Repetitions, double LoadMilliseconds,
        double ColdMilliseconds, Spread First, Spread Read, Spread Written, ProcessMemory Memory, long Weights,
        bool ArrangedEarlier);
}
