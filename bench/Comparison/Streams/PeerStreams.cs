using System.Diagnostics;
using Causerie.Bench.Comparison.Measuring;

namespace Causerie.Bench.Comparison.Streams;

/// <summary>llama.cpp with several sequences, each with a batch's share of every step, as its server runs them.</summary>
internal sealed class PeerStreams(LlamaContext llama) : IStreams
{
    /// <inheritdoc/>
    public string Variant => llama.Variant;

    /// <inheritdoc/>
    public int Vocabulary => llama.Vocabulary;

    /// <inheritdoc/>
    public Task<double> GenerateAsync(int[][] prompts, int generate)
    {
        var streams = Start(prompts);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < generate; i++)
            Step(streams, []);
        return Task.FromResult(prompts.Length * generate / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <inheritdoc/>
    public Task<(double Cold, double Cached)> PromptsAsync(int[] first, int[] second, int shared)
    {
        llama.Forget();
        long start = Stopwatch.GetTimestamp();
        llama.Read([.. first.Select((token, i) => (token, 0, i, i == first.Length - 1))]);
        llama.Greedy(first.Length - 1);
        double cold = Stopwatch.GetElapsedTime(start).TotalSeconds;
        start = Stopwatch.GetTimestamp();
        llama.Forget(0, shared);
        int[] rest = second[shared..];
        llama.Read([.. rest.Select((token, i) => (token, 0, shared + i, i == rest.Length - 1))]);
        llama.Greedy(rest.Length - 1);
        return Task.FromResult((cold, Stopwatch.GetElapsedTime(start).TotalSeconds));
    }

    /// <inheritdoc/>
    public Task<(double[] Gaps, double First)> GapsAsync(int[][] prompts, int[] arriving)
    {
        var streams = Start(prompts);
        var gaps = new List<double>();
        long start = Stopwatch.GetTimestamp();
        for (int read = 0; read < arriving.Length;)
        {
            // Its server fills what is left of a batch with the prompt.
            int count = Math.Min(LlamaContext.BatchLength - streams.Length, arriving.Length - read);
            long step = Stopwatch.GetTimestamp();
            int from = read;
            Step(streams, [.. arriving.Skip(read).Take(count).Select(
                (token, i) => (token, streams.Length, from + i, from + i == arriving.Length - 1))]);
            read += count;
            gaps.AddRange(Enumerable.Repeat(Stopwatch.GetElapsedTime(step).TotalSeconds, streams.Length));
        }

        return Task.FromResult((gaps.ToArray(), Stopwatch.GetElapsedTime(start).TotalSeconds));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        llama.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads the prompts, one after the other.</summary>
    private (int Token, int Position)[] Start(int[][] prompts)
    {
        llama.Forget();
        var streams = new (int Token, int Position)[prompts.Length];
        for (int s = 0; s < prompts.Length; s++)
        {
            int[] prompt = prompts[s];
            llama.Read([.. prompt.Select((token, i) => (token, s, i, i == prompt.Length - 1))]);
            streams[s] = (llama.Greedy(prompt.Length - 1), prompt.Length);
        }

        return streams;
    }

    /// <summary>One token of every stream, and some of a prompt.</summary>
    private void Step((int Token, int Position)[] streams, (int, int, int, bool)[] prompt)
    {
        llama.Read([.. streams.Select((stream, s) => (stream.Token, s, stream.Position, true)), .. prompt]);
        for (int s = 0; s < streams.Length; s++)
            streams[s] = (llama.Greedy(s), streams[s].Position + 1);
    }
}
