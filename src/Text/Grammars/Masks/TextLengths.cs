using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Masks;

/// <summary>The tokens of free JSON texts by their number of code points, for texts of which only the length is bounded.</summary>
/// <remarks>Each place in such a text has a mask of its own; worked out together they cost one walk.</remarks>
internal sealed class TextLengths
{
    private readonly List<ulong[]> _within = []; // [code points] the tokens that need at most so many
    private readonly List<QuoteBranch> _exits = []; // [code points] those with a quote behind so many
    private readonly List<List<(byte[] Head, int Node)>> _nodes = []; // [code points] where those quotes stand in the tree

    /// <summary>Of a vocabulary.</summary>
    public TextLengths(TokenTrie trie)
    {
        Walk(trie, TextDecoder.Between, 0, 0, []);
        for (int i = 1; i < _within.Count; i++)
        {
            for (int word = 0; word < _within[i].Length; word++)
                _within[i][word] |= _within[i - 1][word];
        }
    }

    /// <summary>Adds the tokens that may come.</summary>
    /// <param name="least">Code points that must come before the quote.</param>
    /// <param name="most">Code points that may.</param>
    /// <param name="after">What follows the quote; null where nothing may.</param>
    /// <param name="mask">[vocabulary / 64]</param>
    public void Add(int least, int most, GrammarState? after, Span<ulong> mask)
    {
        if (_within.Count > 0)
        {
            ulong[] within = _within[Math.Min(most, _within.Count - 1)];
            for (int i = 0; i < mask.Length; i++)
                mask[i] |= within[i];
        }
        if (after is null)
            return;
        for (int points = least; points < _exits.Count && points <= most; points++)
            _exits[points].Add(after, mask);
    }

    /// <summary>The quotes that may come, with the bytes before them.</summary>
    public IEnumerable<(byte[] Head, int Node)> Exits(int least, int most) => _nodes.Where((_, points) => points >= least && points <= most).SelectMany(one => one);

    private void Walk(TokenTrie trie, TextDecoder decoder, int points, int node, List<byte> head)
    {
        int end = trie.End(node);
        for (int child = node + 1; child < end; child = trie.End(child))
        {
            int now = points;
            switch (decoder.Step(trie.Label(child), out var after, out _, out _))
            {
                case TextDecoder.Result.Closed:
                    At(_exits, points, () => new QuoteBranch()).Take(trie, child);
                    At(_nodes, points, () => []).Add(([.. head], child));
                    continue;
                case TextDecoder.Result.Wrong:
                    continue;
                case TextDecoder.Result.Point:
                    now++;
                    break;
            }
            // A code point that is begun needs its place, too.
            int needed = now + (after == TextDecoder.Between ? 0 : 1);
            ulong[] mask = At(_within, needed, () => new ulong[(trie.Vocabulary + 63) / 64]);
            foreach (int token in trie.TokensAt(child))
                mask[token >> 6] |= 1UL << token;
            head.Add(trie.Label(child));
            Walk(trie, after, now, child, head);
            head.RemoveAt(head.Count - 1);
        }
    }

    private static T At<T>(List<T> list, int index, Func<T> make)
    {
        while (list.Count <= index)
            list.Add(make());
        return list[index];
    }
}
