using System.Diagnostics;
using System.Globalization;

namespace Causerie.Bench.Comparison.Measuring;

/// <summary>What one process measured of one engine on one file.</summary>
/// <param name="Variant">Which variant of the engine ran.</param>
/// <param name="Instructions">Which instructions it ran on.</param>
/// <param name="StartMilliseconds">
/// To the first token of a short prompt: for Causerie from the start of its process, for the peer, whose real program
/// has no runtime to start, from before its library is loaded.
/// </param>
/// <param name="Generation">Tokens each second from an empty context; 0 where that was not measured.</param>
/// <param name="Prompts">By length: prompt tokens each second, tokens each second after it, the first token.</param>
/// <param name="PeakBytes">The most that was resident; for the peer without what the .NET runtime had before.</param>
/// <param name="Disturbance">The part of the processors that others used during the worst of the timed runs, 0 to 1.</param>
internal sealed record Measurement(
    string Variant, string Instructions, double StartMilliseconds, double Generation, IReadOnlyList<PromptRun> Prompts,
    long PeakBytes, double Disturbance)
{
    /// <summary>Measures in this process.</summary>
    /// <param name="plan">What to measure.</param>
    public static async Task<Measurement> RunAsync(MeasurePlan plan)
    {
        plan.Instructions.Verify();
        var (prompts, generate, tries) = (plan.Prompts, plan.Generate, plan.Tries);
        long start = Stopwatch.GetTimestamp();
        long before = plan.Peer is null ? 0 : PeakMemory();
        using var process = Process.GetCurrentProcess();
        var running = plan.Peer is null ? DateTime.Now - process.StartTime : TimeSpan.Zero;
        int context = prompts.DefaultIfEmpty(0).Max() + generate + 64;
        await using ICandidate engine = plan.Peer is null
            ? new OwnEngine(plan.Model, context, plan.Threads)
            : new LlamaCpp(new LlamaContext(plan.Peer, plan.Model, context, plan.Threads, plan.Instructions));
        await engine.RunAsync(Prompt(16, engine.Vocabulary), 0);
        double disturbance = 0;
        double started = (Stopwatch.GetElapsedTime(start) + running).TotalMilliseconds;
        if (prompts.Length == 0)
            return Result(0, []);

        engine.Settle();

        // Until the compiler's second tier has replaced the first; the same for both.
        for (long warm = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(warm).TotalSeconds < 1.5;)
            await engine.RunAsync(Prompt(64, engine.Vocabulary), 12);
        double generation = plan.Fresh ? generate / (await QuietlyAsync(1)).Others : 0;
        var runs = new List<PromptRun>();
        foreach (int length in prompts)
        {
            var run = await QuietlyAsync(length);
            runs.Add(new PromptRun(length, length / run.First, generate / run.Others, run.Token));
        }

        return Result(generation, runs);

        Measurement Result(double generation, IReadOnlyList<PromptRun> runs) => new(
            engine.Variant, engine.Instructions, started, generation, runs, PeakMemory() - before, disturbance);

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

/// <summary>What one process is to measure.</summary>
/// <param name="Peer">Folder of llama.cpp's libraries; null measures Causerie.</param>
/// <param name="Model">The GGUF file.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Prompts">Lengths of prompts; none measures the start alone.</param>
/// <param name="Generate">Tokens to write, each time.</param>
/// <param name="Fresh">Whether to write from an empty context too.</param>
/// <param name="Tries">How often a run is repeated at most because others disturbed it; 1 does not even wait.</param>
/// <param name="Instructions">Which instructions both may use.</param>
internal sealed record MeasurePlan(
    string? Peer, string Model, int Threads, int[] Prompts, int Generate, bool Fresh, int Tries,
    InstructionSet Instructions);
