using System.Collections.Concurrent;
using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Masks;

/// <summary>Masks inside JSON strings: tokens that stay inside are found once for each place in a text, tokens that leave it by what follows.</summary>
internal sealed class TextMasks(TokenTrie trie)
{
    private const int MostKept = 256;

    private readonly ConcurrentDictionary<object, TextInside> _kept = new();
    private readonly Lazy<TextLengths> _lengths = new(() => new TextLengths(trie));

    /// <summary>Adds the tokens that may come.</summary>
    public void Add(TextPlace place, Span<ulong> mask, MaskBudget budget)
    {
        if (place.Special.Count == 0 && place.Cursor.Lengths is { } lengths)
        {
            _lengths.Value.Add(lengths.Least, lengths.Most, place.After, mask);
            if (place.Walked is { } its)
                Leave(its, _lengths.Value.Exits(lengths.Least, lengths.Most), mask, budget);
            return;
        }
        var inside = InsideOf(place.Cursor);
        for (int i = 0; i < mask.Length; i++)
            mask[i] |= inside.Bits[i];
        if (place.After is { } after)
            inside.Add(after, mask);
        if (place.Walked is { } walked)
            Leave(walked, inside.Exits, mask, budget);
        foreach (var (rest, otherwise) in place.Special)
        {
            foreach (int exit in inside.ExitsAfter(rest))
            {
                foreach (int token in trie.TokensBelow(exit))
                    mask[token >> 6] &= ~(1UL << token);
                if (otherwise is not null)
                {
                    foreach (int token in trie.TokensAt(exit))
                        mask[token >> 6] |= 1UL << token;
                    TokenMasks.Walk(trie, otherwise, exit, mask, budget);
                }
            }
        }
    }

    private void Leave(GrammarState state, IEnumerable<(byte[] Head, int Node)> exits, Span<ulong> mask, MaskBudget budget)
    {
        foreach (var (head, node) in exits)
        {
            GrammarState? at = state;
            foreach (byte next in head)
                at = at?.Step(next);
            at = at?.Step((byte)'"');
            if (at is null)
                continue;
            foreach (int token in trie.TokensAt(node))
                mask[token >> 6] |= 1UL << token;
            TokenMasks.Walk(trie, at, node, mask, budget);
        }
    }

    private TextInside InsideOf(TextCursor cursor)
    {
        if (_kept.TryGetValue(cursor.Key, out var kept))
            return kept;
        if (_kept.Count >= MostKept)
            _kept.Clear(); // what is needed again is found again
        return _kept[cursor.Key] = new TextInside(trie, cursor);
    }
}
