using System.Globalization;
using Causerie.Chat;
using Causerie.Inference;
using Causerie.Inference.Models;

namespace Causerie.Bench.Steps;

/// <summary>What a token costs beside its matrix products, against the targets.</summary>
internal static class Overheads
{
    private const double MostShare = 0.05;
    private const int Tokens = 60;

    /// <summary>Prints the three tables.</summary>
    public static async Task PrintAsync(string path, int threads, string? templates)
    {
        using var model = LoadedModel.Load(path, new LoadOptions { ContextLength = 1024 });
        Console.WriteLine($"{Path.GetFileNameWithoutExtension(path)}, {(threads == 1 ? "1 thread" : $"{threads} threads")}\n");
        Console.WriteLine("| a token beside the products | time | share of the step | target |");
        Console.WriteLine("|---|--:|--:|---|");
        foreach (var (name, sampling) in StepTiming.Samplings)
            Share(name, StepTiming.Measure(model, threads, Tokens, 1, sampling));
        Console.WriteLine("\n| managed memory on the engine's thread | bytes a token | target |\n|---|--:|---|");
        foreach (var (name, sampling) in StepTiming.Samplings)
        {
            double bytes = await AllocatedAsync(model, threads, sampling);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {bytes:F1} | {Mark(bytes < 0.5)} 0 |"));
        }

        TemplateTiming.Print(templates);
    }

    /// <summary>✓ or ✗.</summary>
    public static char Mark(bool reached) => reached ? '✓' : '✗';

    private static void Share(string name, Dictionary<StepPart, List<double>> parts)
    {
        double Median(StepPart part) => parts[part].Order().ElementAt(parts[part].Count / 2);
        double all = parts.Keys.Sum(Median);
        double attention = Median(StepPart.Attention);
        double rest = all - Median(StepPart.Products) - Median(StepPart.Head) - attention;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name}: norms, rotations, activations, sampling, text | {rest:F0} µs | {rest / all:P1} | ") +
            string.Create(CultureInfo.InvariantCulture, $"{Mark(rest / all <= MostShare)} ≤ {MostShare:P0} |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name}: attention, {StepTiming.Warm} to {StepTiming.Warm + Tokens} positions | {attention:F0} µs | {attention / all:P1} | |"));
    }

    /// <summary>Bytes for each token, once everything is compiled and the cache has the place that it needs.</summary>
    private static async Task<double> AllocatedAsync(LoadedModel model, int threads, SamplingOptions sampling)
    {
        // Caches grow by doubling, which is paid per doubling: these positions lie between two of them.
        const int Prompt = 300, Generated = 150;
        var clock = new AllocationClock();
        await using var engine = new Engine(
            model, new EngineOptions { MaxSequences = 1, Threads = threads, KeepPrefixes = false, Speculate = false }, clock);
        for (int run = 0; run < 2; run++)
        {
            clock.Forget();
            var request = new GenerationRequest([.. Enumerable.Range(1, Prompt)])
            {
                Sampling = sampling,
                MaxTokens = Generated,
                IgnoreEnd = true,
            };
            await foreach (var _ in engine.GenerateAsync(request))
            {
            }
        }

        return clock.SinceFirst / (double)Generated;
    }

    /// <summary>
    /// The system's clock, which the engine's thread reads when a prompt is read and when an answer ends: at each reading
    /// it notes what the thread has allocated.
    /// </summary>
    private sealed class AllocationClock : TimeProvider
    {
        private long _first = -1;
        private long _last;

        public long SinceFirst => _last - _first;

        public void Forget() => _first = -1;

        public override long GetTimestamp()
        {
            if (Thread.CurrentThread.Name?.StartsWith("Engine", StringComparison.Ordinal) == true)
            {
                long allocated = GC.GetAllocatedBytesForCurrentThread();
                if (_first < 0)
                    _first = allocated;
                _last = allocated;
            }

            return base.GetTimestamp();
        }
    }
}
