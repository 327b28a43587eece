using System.Diagnostics;
using System.Globalization;

namespace Causerie.Bench.Comparison.Measuring;

/// <summary>What one process measured of one engine on one file.</summary>
/// <param name="Variant">Which variant of the engine ran.</param>
/// <param name="StartMilliseconds">
/// To the first token of a short prompt: for Causerie from the start of its process, for the peer, whose real program
/// has no runtime to start, from before its library is loaded.
/// </param>
/// <param name="Generation">Tokens each second from an empty context.</param>
/// <param name="Prompts">By length: prompt tokens each second, tokens each second after it, the first token.</param>
/// <param name="PeakBytes">The most that was resident; for the peer without what the .NET runtime had before.</param>
/// <param name="Disturbance">The part of the processors that others used during the worst of the timed runs, 0 to 1.</param>
internal sealed record Measurement(
    string Variant, double StartMilliseconds, double Generation, IReadOnlyList<PromptRun> Prompts, long PeakBytes,
    double Disturbance)
{
    /// <summary>Measures in this process.</summary>
    /// <param name="peer">Folder of llama.cpp's libraries; null measures Causerie.</param>
    /// <param name="path">The model.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="prompts">Lengths of prompts; none measures the start alone.</param>
    /// <param name="generate">Tokens to write, each time.</param>
    /// <param name="tries">How often a run is repeated at most because others disturbed it; 1 does not even wait.</param>
    public static async Task<Measurement> RunAsync(
        string? peer, string path, int threads, int[] prompts, int generate, int tries)
    {
        long start = Stopwatch.GetTimestamp();
        long before = peer is null ? 0 : PeakMemory();
        using var process = Process.GetCurrentProcess();
        var running = peer is null ? DateTime.Now - process.StartTime : TimeSpan.Zero;
        int context = prompts.DefaultIfEmpty(0).Max() + generate + 64;
        await using ICandidate engine = peer is null
            ? new OwnEngine(path, context, threads)
            : new LlamaCpp(peer, path, context, threads);
        await engine.RunAsync(Prompt(16, engine.Vocabulary), 0);
        double started = (Stopwatch.GetElapsedTime(start) + running).TotalMilliseconds;
        if (prompts.Length == 0)
            return new Measurement(engine.Variant, started, 0, [], PeakMemory() - before, 0);

        await engine.RunAsync(Prompt(64, engine.Vocabulary), 16);
        double disturbance = 0;
        var fresh = await QuietlyAsync(1);
        var runs = new List<PromptRun>();
        foreach (int length in prompts)
        {
            var run = await QuietlyAsync(length);
            runs.Add(new PromptRun(length, length / run.First, generate / run.Others, run.Token));
        }

        return new Measurement(engine.Variant, started, generate / fresh.Others, runs, PeakMemory() - before, disturbance);

        // The least disturbed of some tries, so that what else happens on the machine is not measured.
        async Task<(double First, double Others, int Token)> QuietlyAsync(int length)
        {
            (double First, double Others, int Token) best = default;
            double least = double.MaxValue;
            for (int i = 0; i < tries && least > Neighbours.Tolerable; i++)
            {
                if (tries > 1)
                    await Neighbours.WaitForQuietAsync();
                var others = new Neighbours();
                var run = await engine.RunAsync(Prompt(length, engine.Vocabulary), generate);
                double share = others.Share();
                if (share >= least)
                    continue;
                (best, least) = (run, share);
            }

            disturbance = Math.Max(disturbance, least);
            return best;
        }
    }

    /// <summary>Spread over the vocabulary without a pattern that a cache would like.</summary>
    private static int[] Prompt(int length, int vocabulary) =>
        [.. Enumerable.Range(1, length).Select(i => (int)(i * 7919L % Math.Min(vocabulary, 100_000)))];

    /// <summary>The most bytes of this process that were resident at once, mapped files included.</summary>
    private static long PeakMemory() => 1024 * long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            ["VmHWM:".Length..^"kB".Length],
        CultureInfo.InvariantCulture);
}

/// <summary>One prompt and what was written after it.</summary>
internal sealed record PromptRun(int Length, double Rate, double Generation, int Token);
