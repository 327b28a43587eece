using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Causerie.Bench.Comparison.Measuring;
using Causerie.Bench.Comparison.Models;
using Causerie.Bench.Comparison.Reporting;

namespace Causerie.Bench.Comparison;

/// <summary>Runs both engines in turn on the same files and writes the table.</summary>
internal sealed class SideBySide(Options options)
{
    private readonly string _peer = Required(options, "--peer");
    private readonly string _models = Required(options, "--models");
    private readonly int _generate = options.Number("--generate", 128);
    private readonly int _turns = options.Number("--turns", 3);
    private readonly int[] _prompts = options.Numbers("--prompts", "512");
    private readonly int _tries = options.Number("--tries", 3);
    private readonly bool _cold = (options["--cold"] ?? "yes") == "yes";

    /// <summary>The options that <c>run</c> takes.</summary>
    public static string[] OptionNames { get; } =
    [
        "--peer", "--models", "--vocabularies", "--shapes", "--formats", "--threads", "--prompts", "--generate",
        "--turns", "--tries", "--cold", "--markdown",
    ];

    /// <summary>Measures everything that was asked for.</summary>
    public async Task RunAsync()
    {
        var report = new Report(_prompts, _generate, _turns);
        int[] threads = options.Numbers("--threads", "1,2");
        string[] files = [.. Files()];
        foreach (string file in files)
        {
            foreach (int number in threads)
            {
                report.Add(number, await LimitsAsync(number));
                report.Add(await MeasureAsync(file, number));
                report.Add(number, await LimitsAsync(number));
                if (options["--markdown"] is { } path)
                    await File.WriteAllTextAsync(path, report.Markdown()); // Whole so far, should the run be broken off.
            }
        }

        Console.WriteLine(report.Markdown());
    }

    /// <summary>The models' files, which are written where they are absent.</summary>
    private IEnumerable<string> Files()
    {
        Directory.CreateDirectory(_models);
        foreach (string name in options.List("--shapes", "llama-3.2-1b"))
        {
            var shape = ModelShape.Of(name);
            foreach (string format in options.List("--formats", "Q4_0,Q4_K_M,Q8_0,F16"))
            {
                string file = Path.Combine(_models, $"{shape.Name}-{format}.gguf");
                if (!File.Exists(file))
                    ModelWriter.Write(
                        file, shape, format, Path.Combine(Required(options, "--vocabularies"), shape.Vocabulary),
                        ProgressBar.On(file));
                yield return file;
            }
        }
    }

    private async Task<Pair> MeasureAsync(string file, int threads)
    {
        var pair = new Pair(file, threads);
        for (int turn = 0; turn < _turns; turn++)
        {
            foreach (string? peer in (string?[])[null, _peer])
            {
                if (_cold)
                {
                    PageCache.Drop(file);
                    pair.AddCold(peer is not null, await ChildAsync(file, threads, peer, ""));
                }

                var one = await ChildAsync(file, threads, peer, string.Join(',', _prompts));
                pair.Add(peer is not null, one);
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{pair.Model} {pair.Format}, {threads} threads, turn {turn + 1}: {one.Variant}: prompt ") +
                    string.Create(CultureInfo.InvariantCulture,
                    $"{one.Prompts[0].Rate:F1}, generation {one.Generation:F1} tokens/s; others {one.Disturbance:P0}"));
            }
        }

        return pair;
    }

    private Task<Measurement> ChildAsync(string file, int threads, string? peer, string prompts) =>
        ChildAsync<Measurement>(
        [
            "measure", file, "--threads", $"{threads}", "--prompts", prompts, "--generate", $"{_generate}",
            "--tries", $"{_tries}", .. peer is null ? (ReadOnlySpan<string>)[] : ["--peer", peer],
        ]);

    private static Task<MachineLimits> LimitsAsync(int threads) =>
        ChildAsync<MachineLimits>(["limits", "--threads", $"{threads}"]);

    /// <summary>Runs a command of this program in a process of its own, so that memory and start are honest.</summary>
    private static async Task<T> ChildAsync<T>(string[] arguments)
    {
        using var child = Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true })!;
        string output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        return child.ExitCode == 0
            ? JsonSerializer.Deserialize<T>(output)!
            : throw new InvalidOperationException($"{string.Join(' ', arguments)} ended with {child.ExitCode}.");
    }

    private static string Required(Options options, string name) =>
        options[name] ?? throw new ArgumentException($"{name} is missing.");
}
