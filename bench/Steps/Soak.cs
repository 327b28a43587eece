using System.Diagnostics;
using System.Globalization;
using Causerie.Chat;
using Causerie.Inference;

namespace Causerie.Bench.Steps;

/// <summary>Many clients with mixed requests for minutes: whether memory stays flat and every page comes back.</summary>
internal static class Soak
{
    private const int Clients = 48;
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(3);

    /// <summary>Runs; false where something leaked or failed otherwise than refused by the queue.</summary>
    /// <param name="path">The model.</param>
    /// <param name="minutes">How long.</param>
    /// <param name="threads">Threads of the engine.</param>
    /// <param name="megabytes">Memory for keys and values: little, so that sequences have to give way.</param>
    public static async Task<bool> RunAsync(string path, int minutes, int threads, int megabytes)
    {
        using var model = LoadedModel.Load(path, new LoadOptions { ContextLength = 2048, Threads = threads });
        await using var engine = new Engine(model, new EngineOptions
        {
            Threads = threads,
            MaxSequences = 32,
            QueueLength = 8,
            CacheBytes = (long)megabytes << 20,
        });
        using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(minutes));
        var counts = new Counts();
        var clients = Enumerable.Range(0, Clients).Select(i => ClientAsync(engine, i, counts, stop.Token)).ToArray();
        long start = Stopwatch.GetTimestamp(), first = 0, most = 0;
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(1000);
            var spent = Stopwatch.GetElapsedTime(start);
            long memory = Resident();
            if (first == 0 && spent >= Settling)
                first = memory;
            most = Math.Max(most, memory);
            Console.Error.Write(
                $"\r{spent:mm\\:ss} of {minutes} min: {counts}, {memory / 1e6:F0} MB, {engine.Interruptions} interruptions  ");
        }

        await Task.WhenAll(clients);
        while (engine.Pending > 0 || !engine.IsParked)
            await Task.Delay(10);
        long last = Resident();
        var (unused, all) = engine.Pages;
        Console.Error.WriteLine();
        Console.WriteLine($"| measure | |\n|---|---|");
        Row("requests", counts.ToString());
        Row("sequences that gave way", engine.Interruptions.ToString(CultureInfo.InvariantCulture));
        Row("tokens guessed right", engine.Guessed.ToString(CultureInfo.InvariantCulture));
        Row("resident after three minutes, at most, at the end", $"{first / 1e6:F0}, {most / 1e6:F0}, {last / 1e6:F0} MB");
        Row("pages at the end that nobody holds", $"{unused} of {all}");
        return counts.Failed == 0 && unused == all && last <= first * 1.02;
    }

    private static void Row(string measure, string value) => Console.WriteLine($"| {measure} | {value} |");

    private static async Task ClientAsync(
        Engine engine, int number, Counts counts, CancellationToken stop)
    {
        var random = new Random(number);
        while (!stop.IsCancellationRequested)
        {
            // A few beginnings that many share, and ends of their own.
            var shared = new Random(random.Next(4));
            int[] start = [.. Enumerable.Range(0, random.Next(300)).Select(_ => shared.Next(100_000))];
            int[] rest = [.. Enumerable.Range(0, random.Next(1, 120)).Select(_ => random.Next(100_000))];
            int leave = random.Next(4) == 0 ? random.Next(30) : int.MaxValue;
            var request = new GenerationRequest([.. start, .. rest])
            {
                MaxTokens = random.Next(1, 80),
                Client = (number % 5).ToString(CultureInfo.InvariantCulture),
                Sampling = random.Next(2) == 0 ? SamplingOptions.Greedy : SamplingOptions.ModelDefault,
            };
            try
            {
                int seen = 0;
                bool left = false;
                using var going = new CancellationTokenSource();
                await foreach (var step in engine.GenerateAsync(request, going.Token))
                {
                    if (step is GeneratedToken && ++seen > leave)
                    {
                        left = true;
                        break;
                    }
                }

                Interlocked.Increment(ref left ? ref counts.Left : ref counts.Answered);
                Interlocked.Add(ref counts.Tokens, seen);
            }
            catch (ChatException e) when (e.Kind == ChatErrorKind.Overloaded)
            {
                Interlocked.Increment(ref counts.Refused);
                await Task.Delay(random.Next(200), CancellationToken.None);
            }
            catch (ChatException e)
            {
                Interlocked.Increment(ref counts.Failed);
                Console.Error.WriteLine($"\n{e}");
            }
        }
    }

    private static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private sealed class Counts
    {
        public int Answered;
        public int Left;
        public int Refused;
        public int Failed;
        public long Tokens;

        public override string ToString() =>
            $"{Answered} answered, {Left} left early, {Refused} refused by the queue, {Failed} failed, {Tokens} tokens";
    }
}
