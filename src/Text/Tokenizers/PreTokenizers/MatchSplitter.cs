namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>A pattern that leaves gaps: matches and what lies between them alternate.</summary>
internal abstract class MatchSplitter : Splitter
{
    /// <summary>
    /// Units that the match at <paramref name="at"/> takes; otherwise minus the number of units in which no match
    /// begins, at least one, so that a long failure is not tried again from each of its characters.
    /// </summary>
    protected abstract int Match(ReadOnlySpan<char> text, int at);

    /// <inheritdoc/>
    public sealed override int Next(ReadOnlySpan<char> text, int start)
    {
        int units = Match(text, start);
        if (units > 0)
            return start + units;
        for (int at = start - units; at < text.Length; at -= units)
            if ((units = Match(text, at)) > 0)
                return at;
        return text.Length;
    }
}
