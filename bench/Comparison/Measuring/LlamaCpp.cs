using System.Diagnostics;

namespace Causerie.Bench.Comparison.Measuring;

/// <summary>llama.cpp with one sequence.</summary>
internal sealed class LlamaCpp(LlamaContext llama) : ICandidate
{
    /// <inheritdoc/>
    public string Variant => llama.Variant;

    /// <inheritdoc/>
    public string Instructions => llama.Instructions;

    /// <inheritdoc/>
    public int Vocabulary => llama.Vocabulary;

    /// <inheritdoc/>
    public void Settle()
    {
        // It loads whole.
    }

    /// <inheritdoc/>
    public Task<(double First, double Others, int Token)> RunAsync(int[] prompt, int generate)
    {
        llama.Forget();
        long start = Stopwatch.GetTimestamp();
        llama.Read(prompt);
        int first = llama.Greedy(-1);
        double until = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int token = first;
        for (int i = 0; i < generate; i++)
        {
            llama.Read([token]);
            token = llama.Greedy(-1);
        }

        return Task.FromResult((until, Stopwatch.GetElapsedTime(start).TotalSeconds - until, first));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        llama.Dispose();
        return ValueTask.CompletedTask;
    }
}
