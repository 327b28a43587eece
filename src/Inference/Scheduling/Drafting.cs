namespace Causerie.Inference.Scheduling;

/// <summary>
/// Guesses what a sequence writes next from what it has met before (prompt lookup, Saxena, 2023), as long as that pays.
/// </summary>
/// <remarks>
/// A guess costs a row of the batch and no more: whether it is right is seen from the logits that the sequence would have
/// had anyway, so no text depends on it.
/// </remarks>
internal sealed class Drafting
{
    /// <summary>Tokens that must have been met in the same order.</summary>
    private const int Clue = 3;

    /// <summary>Tokens after which a sequence whose guesses were wrong tries again.</summary>
    private const int Pause = 24;

    private const int Most = 8;

    private int _trust = 4;
    private int _until;

    /// <summary>How many tokens it would guess now.</summary>
    /// <param name="length">Tokens of the sequence.</param>
    public int Wish(int length) => length < _until ? 0 : Math.Max(_trust, 1);

    /// <summary>Guesses.</summary>
    /// <param name="tokens">All tokens of the sequence.</param>
    /// <param name="count">At most so many.</param>
    /// <returns>What followed when the last tokens were met the time before; empty where they were not.</returns>
    public static ReadOnlySpan<int> Guess(ReadOnlySpan<int> tokens, int count)
    {
        if (tokens.Length <= Clue)
            return [];
        var clue = tokens[^Clue..];

        // As many as are wanted followed, where a short pattern repeats; else as many as there are.
        int found = tokens[..^Math.Min(count, tokens.Length)].LastIndexOf(clue);
        if (found < 0)
            found = tokens[..^1].LastIndexOf(clue);
        if (found < 0)
            return [];
        var following = tokens[(found + Clue)..];
        return following[..Math.Min(count, following.Length)];
    }

    /// <summary>Learns what became of a guess.</summary>
    /// <param name="guessed">Tokens guessed, at least 1.</param>
    /// <param name="right">Those that were right.</param>
    /// <param name="length">Tokens of the sequence now.</param>
    public void Learn(int guessed, int right, int length)
    {
        _trust = Math.Min(_trust + (2 * right) - guessed, Most);
        if (_trust > 0)
            return;
        _trust = 0;
        _until = length + Pause;
    }
}
