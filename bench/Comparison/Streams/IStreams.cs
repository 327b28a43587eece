namespace Causerie.Bench.Comparison.Streams;

/// <summary>An engine with a model open, that answers several at once.</summary>
internal interface IStreams : IAsyncDisposable
{
    /// <summary>Which of its variants runs.</summary>
    string Variant { get; }

    /// <summary>Tokens in the vocabulary.</summary>
    int Vocabulary { get; }

    /// <summary>Tokens each second over all streams, from when all write until the first has written enough.</summary>
    /// <param name="prompts">[streams] prompts.</param>
    /// <param name="generate">Tokens that each writes while all do.</param>
    Task<double> GenerateAsync(int[][] prompts, int generate);

    /// <summary>Seconds to the first token after a prompt that is new, and after one that begins like it.</summary>
    /// <param name="first">The new prompt.</param>
    /// <param name="second">The other.</param>
    /// <param name="shared">Tokens that both begin with.</param>
    Task<(double Cold, double Cached)> PromptsAsync(int[] first, int[] second, int shared);

    /// <summary>Seconds between the tokens of the streams while another prompt is read.</summary>
    /// <param name="prompts">[streams] prompts of those who write.</param>
    /// <param name="arriving">The prompt that arrives meanwhile.</param>
    /// <returns>The gaps, and the seconds until the arriving prompt has its first token.</returns>
    Task<(double[] Gaps, double First)> GapsAsync(int[][] prompts, int[] arriving);
}
