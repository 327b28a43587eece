using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Causerie.Bench.Comparison.Measuring;
using Causerie.Bench.Comparison.Models;
using Causerie.Bench.Comparison.Reporting;

namespace Causerie.Bench.Comparison.Streams;

/// <summary>Both engines in turn under several streams, on the same file with the same threads.</summary>
internal sealed class StreamsSideBySide(Options options)
{
    private static readonly (string Figure, string Measure, Func<Spread, string> Unit, double? Target, bool AtMost)[] Latencies =
    [
        ("cold", "first token, prompt of 1520, cold", Units.Time, 0.5, true),
        ("cached", "first token, 1500 of 1520 cached", Units.Time, 0.6, true),
        ("gap95", "95 % of gaps, 8 streams, a prompt of 4000 arrives", Units.Time, null, true),
        ("gapMost", "longest gap of those", Units.Time, null, true),
        ("arrived", "first token of that prompt", Units.Time, null, true),
    ];

    private readonly ProgressBar _bar = new("streams");
    private readonly List<double> _disturbances = [];
    private readonly Dictionary<(string, bool), List<double>> _figures = [];
    private int _done;

    /// <summary>The options that <c>streams</c> takes.</summary>
    public static string[] OptionNames { get; } =
    [
        "--peer", "--models", "--vocabularies", "--shape", "--format", "--threads", "--streams", "--generate", "--turns",
        "--latency", "--markdown",
    ];

    /// <summary>Measures everything that was asked for, and prints the table.</summary>
    public async Task RunAsync()
    {
        var shape = ModelShape.Of(options["--shape"] ?? "llama-3.2-1b");
        string format = options["--format"] ?? "Q4_K_M";
        string file = Path.Combine(options.Required("--models"), $"{shape.Name}-{format}.gguf");
        if (!File.Exists(file))
            ModelWriter.Write(
                file, shape, format, Path.Combine(options.Required("--vocabularies"), shape.Vocabulary), ProgressBar.On(file));
        int[] streams = options.Numbers("--streams", "1,4,8,16,32");
        int turns = options.Number("--turns", 5), threads = options.Number("--threads", 2);
        bool latency = options.Flag("--latency", usual: true);
        int all = turns * 2 * (streams.Length + (latency ? 1 : 0));
        for (int turn = 1; turn <= turns; turn++)
        {
            foreach (int number in streams)
                foreach (bool peer in (bool[])[false, true])
                    await MeasureAsync(file, threads, number, peer, "rate", $"turn {turn} of {turns}", all);
            foreach (bool peer in latency ? (bool[])[false, true] : [])
                await MeasureAsync(file, threads, 8, peer, "latency", $"turn {turn} of {turns}", all);
            string report = Markdown(Path.GetFileNameWithoutExtension(file), threads, streams, latency);
            if (options["--markdown"] is { } path)
                await File.WriteAllTextAsync(path, report);
            if (turn == turns)
                Console.WriteLine(report);
        }
    }

    private async Task MeasureAsync(
        string file, int threads, int streams, bool peer, string part, string turn, int all)
    {
        string doing = $"{turn}, {(part == "rate" ? $"{streams} streams" : part)}, {(peer ? "llama.cpp" : "Causerie")}";
        _bar.Show((double)_done / all, doing);
        var start = new ProcessStartInfo(
            Environment.ProcessPath!,
            [
                "measure-streams", file, "--threads", $"{threads}", "--streams", $"{streams}",
                "--generate", $"{options.Number("--generate", 64)}", "--part", part,
                .. peer ? (ReadOnlySpan<string>)["--peer", options.Required("--peer")] : [],
            ])
        {
            RedirectStandardOutput = true,
        };
        start.Environment[RepackedCache.Variable] = Path.Combine(options.Required("--models"), "cache");
        using var child = Process.Start(start)!;
        string output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        if (child.ExitCode != 0)
            throw new InvalidOperationException($"The process that measured {doing} ended with {child.ExitCode}.");
        var one = JsonSerializer.Deserialize<StreamsMeasurement>(output)!;
        _disturbances.Add(one.Disturbance);
        foreach (var (figure, value) in one.Figures)
        {
            string name = figure == "rate" ? $"rate {streams}" : figure;
            if (!_figures.TryGetValue((name, peer), out var list))
                _figures.Add((name, peer), list = []);
            list.Add(value);
            ProgressBar.Note(string.Create(CultureInfo.InvariantCulture, $"{doing}: {figure} {value:F3}"));
        }

        _bar.Show((double)++_done / all);
    }

    private string Markdown(string model, int threads, int[] streams, bool latency)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# Several at once: {model}, {Units.Threads(threads)}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Machine.Processor}, {Machine.Memory}; {Machine.Runtime}; {DateTime.UtcNow:yyyy-MM-dd}.");
        text.AppendLine(CultureInfo.InvariantCulture, $"Other programs used at most {Units.Percent(_disturbances.Max())} of the processors.").AppendLine();
        text.AppendLine("| measure | turns | Causerie | llama.cpp | ratio |").AppendLine("|---|--:|--:|--:|---|");
        foreach (int number in streams)
            Row(text, $"rate {number}", $"generation, {number} {(number == 1 ? "stream" : "streams")}", Units.Rate,
                number >= 16 ? 3 : number >= 8 ? 2.5 : null, atMost: false);
        foreach (var (figure, measure, unit, target, atMost) in latency ? Latencies : [])
            Row(text, figure, measure, unit, target, atMost);
        return text.ToString();
    }

    private void Row(
        StringBuilder text, string figure, string measure, Func<Spread, string> unit, double? target, bool atMost)
    {
        if (!_figures.TryGetValue((figure, false), out var own) || !_figures.TryGetValue((figure, true), out var peer))
            return;
        var (ours, theirs) = (Spread.Of(own), Spread.Of(peer));
        double ratio = ours.Median / theirs.Median;
        string verdict = target is not { } wanted ? ""
            : $" {((atMost ? ratio <= wanted : ratio >= wanted) ? '✓' : '✗')} ({(atMost ? '≤' : '≥')} {Units.Ratio(wanted)})";
        text.AppendLine(CultureInfo.InvariantCulture,
            $"| {measure} | {ours.Count} | {unit(ours)} | {unit(theirs)} | {Units.Ratio(ratio)}{verdict} |");
    }
}
