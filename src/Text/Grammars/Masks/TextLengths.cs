namespace Causerie.Text.Grammars.Masks;

/// <summary>The tokens of free JSON texts by their number of code points, for texts of which only the length is bounded.</summary>
/// <remarks>Each place in such a text has a mask of its own; worked out together they cost one walk.</remarks>
internal sealed class TextLengths
{
    private readonly ulong[][] _within; // [code points] the tokens that need at most so many
    private readonly QuoteBranch[] _exits; // [code points] those with a quote behind so many
    private readonly ILookup<int, PointTrie.Exit> _quotes; // by code points: where those quotes stand in the tree

    /// <summary>Of a vocabulary.</summary>
    /// <param name="trie">Its tokens.</param>
    /// <param name="points">They by code points, from a place between two.</param>
    public TextLengths(TokenTrie trie, PointTrie points)
    {
        // A code point that is begun needs its place, too.
        _within = [.. Enumerable.Range(0, points.Depth + 2).Select(_ => new ulong[(trie.Vocabulary + 63) / 64])];
        for (int node = 0; node < points.Nodes; node++)
        {
            int depth = points.Depths[node];
            foreach (int token in points.TokensAt(node))
                _within[depth][token >> 6] |= 1UL << token;
            foreach (var part in points.PartsAt(node))
                _within[depth + 1][part.Token >> 6] |= 1UL << part.Token;
        }
        for (int i = 1; i < _within.Length; i++)
        {
            for (int word = 0; word < _within[i].Length; word++)
                _within[i][word] |= _within[i - 1][word];
        }
        _quotes = points.Exits.ToLookup(exit => exit.Points);
        _exits = [.. Enumerable.Range(0, points.Depth + 1).Select(length => QuoteBranch.Of(trie, _quotes[length]))];
    }

    /// <summary>Adds the tokens that may come.</summary>
    /// <param name="least">Code points that must come before the quote.</param>
    /// <param name="most">Code points that may.</param>
    /// <param name="after">What follows the quote; null where nothing may.</param>
    /// <param name="mask">[vocabulary / 64]</param>
    public void Add(int least, int most, GrammarState? after, Span<ulong> mask)
    {
        ulong[] within = _within[Math.Min(most, _within.Length - 1)];
        for (int i = 0; i < mask.Length; i++)
            mask[i] |= within[i];
        if (after is null)
            return;
        for (int points = least; points < _exits.Length && points <= most; points++)
            _exits[points].Add(after, mask);
    }

    /// <summary>The quotes that may come.</summary>
    public IEnumerable<PointTrie.Exit> Exits(int least, int most) =>
        Enumerable.Range(0, _exits.Length).Where(points => points >= least && points <= most).SelectMany(points => _quotes[points]);
}
