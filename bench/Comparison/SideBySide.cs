using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Causerie.Bench.Comparison.Measuring;
using Causerie.Bench.Comparison.Models;
using Causerie.Bench.Comparison.Reporting;

namespace Causerie.Bench.Comparison;

/// <summary>Runs both engines in turn on the same files and writes the report.</summary>
internal sealed class SideBySide(Settings settings)
{
    private const double LimitsCost = 4; // In the measure of Step.Cost.
    private readonly RepackedCache _cache = new(Path.Combine(settings.Models, "cache"));
    private readonly ProgressBar _bar = new("comparison");
    private double _done;
    private double _all;
    private TimeSpan _spent;

    /// <summary>Measures everything that was asked for.</summary>
    public async Task RunAsync()
    {
        var report = new Report(settings);
        string[] files = [.. Files()];
        Pair[] pairs = [.. files.SelectMany(file => settings.Threads.Select(threads => new Pair(file, threads)))];
        var plans = pairs.ToDictionary(pair => pair, pair => Steps(pair).ToArray());
        _all = plans.Values.Sum(steps => steps.Sum(step => step.Cost) + (2 * LimitsCost));
        foreach (var pair in pairs)
        {
            report.Add(pair.Threads, await LimitsAsync(pair.Threads));
            foreach (var step in plans[pair])
                await RunAsync(pair, step);
            report.Add(pair);
            report.Add(pair.Threads, await LimitsAsync(pair.Threads));
            if (settings.Markdown is { } path)
                await File.WriteAllTextAsync(path, report.Markdown()); // Whole so far, should the run be broken off.
        }

        _cache.Empty();
        _bar.Show(1, "done");
        Console.WriteLine(report.Markdown());
    }

    /// <summary>The models' files, which are written where they are absent.</summary>
    private IEnumerable<string> Files()
    {
        foreach (string name in settings.Shapes)
        {
            var shape = ModelShape.Of(name);
            foreach (string format in settings.Formats)
            {
                string file = Path.Combine(settings.Models, $"{shape.Name}-{format}.gguf");
                if (!File.Exists(file))
                    ModelWriter.Write(
                        file, shape, format,
                        Path.Combine(
                            settings.Vocabularies ?? throw new ArgumentException("--vocabularies is missing."),
                            shape.Vocabulary),
                        ProgressBar.On(file));
                yield return file;
            }
        }
    }

    /// <summary>Everything that one pair measures, in order: the engines take turns.</summary>
    private IEnumerable<Step> Steps(Pair pair)
    {
        if (!settings.Cold)
            yield return Start(RunKind.Unmeasured, peer: false); // Whatever is kept beside the model is there afterwards.
        for (int turn = 1; turn <= settings.Turns; turn++)
        {
            foreach (bool peer in (bool[])[false, true])
            {
                if (settings.Cold && !peer)
                    yield return Start(RunKind.First, peer) with { Turn = turn };
                if (settings.Cold)
                    yield return Start(RunKind.Cold, peer) with { Turn = turn };
                yield return new Step(
                    RunKind.Warm, peer, turn, settings.Turns, settings.Prompts, settings.Generate, settings.Tries, pair);
            }
        }

        for (int turn = 1; settings.LongPrompts.Length > 0 && turn <= settings.LongTurns; turn++)
            foreach (bool peer in (bool[])[false, true])
                yield return new Step(
                    RunKind.Long, peer, turn, settings.LongTurns, settings.LongPrompts, settings.LongGenerate, 1, pair);

        Step Start(RunKind kind, bool peer) => new(kind, peer, 1, settings.Turns, [], 1, 1, pair);
    }

    private async Task RunAsync(Pair pair, Step step)
    {
        if (step.Kind == RunKind.First)
            _cache.Empty();
        if (step.Kind is RunKind.First or RunKind.Cold)
            pair.Stayed(Math.Max(PageCache.Drop(pair.File), _cache.Drop()));
        string doing = $"{pair.Model} {pair.Format}, {Units.Threads(pair.Threads)}, {step}";
        var one = await ChildAsync<Measurement>(
        [
            "measure", pair.File, "--threads", $"{pair.Threads}", "--prompts", string.Join(',', step.Prompts),
            "--generate", $"{step.Generate}", "--fresh", step.Kind == RunKind.Warm ? "yes" : "no",
            "--tries", $"{step.Tries}", "--instructions", settings.Instructions.Name,
            .. step.Peer ? (ReadOnlySpan<string>)["--peer", settings.Peer] : [],
        ], doing, step.Cost);
        pair.Add(step.Kind, step.Peer, one);
        if (step.Prompts.Length > 0)
            ProgressBar.Note(string.Create(CultureInfo.InvariantCulture, $"{doing}: ") +
                string.Join(", ", one.Prompts.Select(run => string.Create(CultureInfo.InvariantCulture,
                    $"prompt {run.Length} {run.Rate:F1}, generation after it {run.Generation:F1} tokens/s"))) +
                string.Create(CultureInfo.InvariantCulture, $"; others {one.Disturbance:P0}"));
    }

    private Task<MachineLimits> LimitsAsync(int threads) => ChildAsync<MachineLimits>(
        ["limits", "--threads", $"{threads}"], $"the machine's limits, {Units.Threads(threads)}", LimitsCost);

    /// <summary>How much of <see cref="Step.Cost"/> a second of this machine does.</summary>
    private double Speed => _spent > TimeSpan.Zero ? _done / _spent.TotalSeconds : 1;

    /// <summary>Runs a command of this program in a process of its own, so that memory and start are honest.</summary>
    private async Task<T> ChildAsync<T>(string[] arguments, string doing, double cost)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true };
        start.Environment[RepackedCache.Variable] = _cache.Folder;
        foreach (var (name, value) in settings.Instructions.Environment)
            start.Environment[name] = value;
        _bar.Show(_done / _all, doing);
        long began = Stopwatch.GetTimestamp();
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEndAsync();
        while (await Task.WhenAny(output, Task.Delay(1000)) != output)
            _bar.Show((_done + Math.Min(cost * 0.95, Stopwatch.GetElapsedTime(began).TotalSeconds * Speed)) / _all);
        await child.WaitForExitAsync();
        _spent += Stopwatch.GetElapsedTime(began);
        _done += cost;
        _bar.Show(_done / _all);
        return child.ExitCode == 0
            ? JsonSerializer.Deserialize<T>(await output)!
            : throw new InvalidOperationException($"{string.Join(' ', arguments)} ended with {child.ExitCode}.");
    }
}
