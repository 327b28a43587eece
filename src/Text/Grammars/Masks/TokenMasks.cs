using System.Collections.Concurrent;

namespace Causerie.Text.Grammars.Masks;

/// <summary>Tells for each state of a grammar which tokens of a vocabulary may come next.</summary>
/// <remarks>
/// Most of an answer stands inside texts, where nearly every token may come and what follows a text matters only for
/// tokens that hold its closing quote: those two parts are worked out apart, the first once. Safe to use from many threads.
/// </remarks>
public sealed class TokenMasks
{
    private const int MostKept = 64;

    private readonly TokenTrie _trie;
    private readonly TextMasks _texts;
    private readonly ConcurrentDictionary<object, ulong[]> _kept = new();

    /// <summary>Masks over a vocabulary.</summary>
    /// <param name="trie">Its tokens.</param>
    public TokenMasks(TokenTrie trie) => (_trie, _texts) = (trie, new TextMasks(trie));

    /// <summary>Words of 64 bits that a mask has.</summary>
    public int Words => (_trie.Vocabulary + 63) / 64;

    /// <summary>Sets the bit of each token after which some text of the grammar goes on or ends, and clears all others.</summary>
    /// <param name="state">Where the text stands.</param>
    /// <param name="mask">[<see cref="Words"/>] bit t % 64 of word t / 64 is token t.</param>
    public void Fill(GrammarState state, Span<ulong> mask)
    {
        ArgumentNullException.ThrowIfNull(state);
        mask.Clear();
        var budget = new MaskBudget();
        var parts = state.Parts;
        ulong[] its = parts.Count > 1 ? new ulong[mask.Length] : []; // a part clears bits, which must not be another's
        foreach (var part in parts)
        {
            var into = parts.Count > 1 ? its.AsSpan() : mask;
            into.Clear();
            if (part.InText is { } text)
                _texts.Add(text, into, budget);
            else if (part.MaskKey is { } key)
                Kept(part, key, budget).CopyTo(into);
            else
                Walk(_trie, part, 0, into, budget);
            for (int i = 0; i < its.Length; i++)
                mask[i] |= its[i];
        }
    }

    private ulong[] Kept(GrammarState state, object key, MaskBudget budget)
    {
        if (_kept.TryGetValue(key, out ulong[]? mask))
            return mask;
        if (_kept.Count >= MostKept)
            _kept.Clear(); // what is needed again is found again
        mask = new ulong[Words];
        Walk(_trie, state, 0, mask, budget);
        return _kept[key] = mask;
    }

    /// <summary>Adds the tokens below a node that a state takes from there on.</summary>
    internal static void Walk(TokenTrie trie, GrammarState state, int node, Span<ulong> mask, MaskBudget budget)
    {
        int end = trie.End(node);
        for (int child = node + 1; child < end; child = trie.End(child))
        {
            budget.Step(state);
            if (state.Step(trie.Label(child)) is not { } next)
                continue;
            bool all = trie.DigitsBelow(child) is > 0 and var digits && next.TakesDigits(digits);
            foreach (int token in all ? trie.TokensBelow(child) : trie.TokensAt(child))
                mask[token >> 6] |= 1UL << token;
            if (!all)
                Walk(trie, next, child, mask, budget);
        }
    }
}
