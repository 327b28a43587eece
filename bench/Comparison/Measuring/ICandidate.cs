namespace Causerie.Bench.Comparison.Measuring;

/// <summary>An engine with a model open, that reads prompts and writes greedily.</summary>
internal interface ICandidate : IAsyncDisposable
{
    /// <summary>Which of its variants runs.</summary>
    string Variant { get; }

    /// <summary>Which instructions it runs on.</summary>
    string Instructions { get; }

    /// <summary>Tokens in the vocabulary.</summary>
    int Vocabulary { get; }

    /// <summary>Waits until what loading left for the background is done.</summary>
    void Settle();

    /// <summary>Reads a prompt into an empty context and goes on from it, whatever tokens come.</summary>
    /// <param name="prompt">[1 or more] ids.</param>
    /// <param name="generate">Tokens after the first.</param>
    /// <returns>Seconds until the first token, seconds of the others, and the first token.</returns>
    Task<(double First, double Others, int Token)> RunAsync(int[] prompt, int generate);
}
