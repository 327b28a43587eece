using System.Diagnostics;
using Causerie.Bench.Comparison.Measuring;
using Causerie.Chat;
using Causerie.Inference;

namespace Causerie.Bench.Comparison.Streams;

/// <summary>This project's engine, called as the server calls it.</summary>
internal sealed class OwnStreams : IStreams
{
    private readonly LoadedModel _model;
    private readonly Engine _engine;

    /// <summary>Opens a model.</summary>
    /// <param name="path">The GGUF file.</param>
    /// <param name="context">Tokens of each stream.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="streams">Streams at once.</param>
    public OwnStreams(string path, int context, int threads, int streams)
    {
        _model = LoadedModel.Load(path, new LoadOptions
        {
            ContextLength = context,
            Threads = threads,
            CacheFolder = Environment.GetEnvironmentVariable(RepackedCache.Variable),
        });
        _engine = new Engine(_model, new EngineOptions { MaxSequences = streams, Threads = threads, Speculate = false });
        _model.Settle();
    }

    /// <inheritdoc/>
    public string Variant => $"causerie-{LoadedModel.EngineVersion}";

    /// <inheritdoc/>
    public int Vocabulary => _model.Parameters.VocabularySize;

    /// <inheritdoc/>
    public async Task<double> GenerateAsync(int[][] prompts, int generate)
    {
        using var leave = new CancellationTokenSource();
        using var full = new CountdownEvent(prompts.Length);
        int written = 0, least = 0;
        long start = 0;
        double seconds = 0;
        await Task.WhenAll(prompts.Select(async prompt =>
        {
            int own = 0;
            bool first = true;
            try
            {
                await foreach (var step in _engine.GenerateAsync(Request(prompt), leave.Token))
                {
                    if (step is not GeneratedToken)
                        continue;
                    if (first && full.Signal())
                        Volatile.Write(ref start, Stopwatch.GetTimestamp());
                    first = false;
                    if (Volatile.Read(ref start) == 0)
                        continue;
                    Interlocked.Increment(ref written);
                    if (++own == generate && Interlocked.Exchange(ref least, 1) == 0)
                    {
                        seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                        await leave.CancelAsync();
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // Another stream has written enough.
            }
        }));
        await IdleAsync();
        return written / seconds;
    }

    /// <inheritdoc/>
    public async Task<(double Cold, double Cached)> PromptsAsync(int[] first, int[] second, int shared)
    {
        double cold = await FirstAsync(first);
        await IdleAsync();
        double cached = await FirstAsync(second);
        await IdleAsync();
        return (cold, cached);
    }

    /// <inheritdoc/>
    public async Task<(double[] Gaps, double First)> GapsAsync(int[][] prompts, int[] arriving)
    {
        using var leave = new CancellationTokenSource();
        using var full = new CountdownEvent(prompts.Length);
        var gaps = new List<double>();
        bool reading = false;
        var streams = prompts.Select(async prompt =>
        {
            long last = 0;
            try
            {
                await foreach (var step in _engine.GenerateAsync(Request(prompt), leave.Token))
                {
                    if (step is not GeneratedToken)
                        continue;
                    if (last == 0)
                        full.Signal();
                    else if (Volatile.Read(ref reading))
                        lock (gaps)
                            gaps.Add(Stopwatch.GetElapsedTime(last).TotalSeconds);
                    last = Stopwatch.GetTimestamp();
                }
            }
            catch (OperationCanceledException)
            {
                // Measured.
            }
        }).ToArray();
        while (!full.IsSet)
            await Task.Delay(5);
        Volatile.Write(ref reading, true);
        double first = await FirstAsync(arriving);
        Volatile.Write(ref reading, false);
        await leave.CancelAsync();
        await Task.WhenAll(streams);
        await IdleAsync();
        lock (gaps)
            return ([.. gaps], first);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _model.Dispose();
    }

    private static GenerationRequest Request(int[] prompt) =>
        new(prompt) { Sampling = SamplingOptions.Greedy, IgnoreEnd = true };

    private async Task<double> FirstAsync(int[] prompt)
    {
        long start = Stopwatch.GetTimestamp();
        await foreach (var step in _engine.GenerateAsync(Request(prompt) with { MaxTokens = 1 }))
            if (step is GeneratedToken)
                break;
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private async Task IdleAsync()
    {
        while (_engine.Pending > 0)
            await Task.Delay(2);
    }
}
