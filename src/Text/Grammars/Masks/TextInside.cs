using System.Buffers;

namespace Causerie.Text.Grammars.Masks;

/// <summary>What a place in a JSON text lets in, wherever the text stands: tokens that stay in it, and those that leave it by its quote.</summary>
internal sealed class TextInside
{
    private readonly PointTrie _points;
    private readonly List<PointTrie.Exit> _exits = [];
    private readonly ulong[] _leaving; // [vocabulary / 64] the tokens with a quote that may close the text
    private readonly Lazy<ILookup<string, int>> _byText;

    private TextInside(PointTrie points)
    {
        (_points, Bits) = (points, new ulong[(points.Vocabulary + 63) / 64]);
        _leaving = new ulong[Bits.Length];
        _byText = new Lazy<ILookup<string, int>>(() => _exits.ToLookup(exit => exit.Text, exit => exit.Node, StringComparer.Ordinal));
    }

    /// <summary>[vocabulary / 64] the tokens that stay in the text.</summary>
    public ulong[] Bits { get; }

    /// <summary>The quotes that may close the text.</summary>
    public IReadOnlyList<PointTrie.Exit> Exits => _exits;

    /// <summary>Of rules.</summary>
    /// <param name="trie">The vocabulary.</param>
    /// <param name="points">It by code points, from where the text stands.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="start">Where they stand.</param>
    public static TextInside Of<TRules, T>(TokenTrie trie, PointTrie points, TRules rules, T start)
        where TRules : struct, ITextStates<T>
    {
        var inside = new TextInside(points);
        inside.Walk(rules, start);
        foreach (var exit in inside._exits)
            Set(inside._leaving, trie.TokensBelow(exit.Node));
        return inside;
    }

    /// <summary>The nodes of the trie where a quote follows a text.</summary>
    public IEnumerable<int> ExitsAfter(string text) => _byText.Value[text];

    /// <summary>Adds the tokens with a quote behind which a state goes on.</summary>
    public void Add(GrammarState after, Span<ulong> mask)
    {
        if (_exits.Count == 0)
            return;
        if (_exits.Count == _points.Exits.Count)
        {
            _points.Tails.Add(after, mask);
            return;
        }
        ulong[] all = ArrayPool<ulong>.Shared.Rent(mask.Length); // whatever stands before the quote
        var leaving = all.AsSpan(0, mask.Length);
        leaving.Clear();
        _points.Tails.Add(after, leaving);
        for (int i = 0; i < mask.Length; i++)
            mask[i] |= leaving[i] & _leaving[i];
        ArrayPool<ulong>.Shared.Return(all);
    }

    private void Walk<TRules, T>(TRules rules, T start)
        where TRules : struct, ITextStates<T>
    {
        var way = new T[_points.Depth + 1]; // [depth] the states from the root to a node
        way[0] = start;
        Around(rules, start, 0);
        for (int node = 1; node < _points.Nodes;)
        {
            int depth = _points.Depths[node], end = _points.Ends[node];
            if (!rules.Step(way[depth - 1], _points.Symbols[node], depth, out way[depth]))
            {
                node = end;
            }
            else if (end > node + 1 && rules.TakesAllBelow(way[depth], node))
            {
                Set(Bits, _points.TokensBelow(node));
                foreach (var part in _points.PartsBelow(node))
                    Set(Bits, [part.Token]);
                node = end;
            }
            else
            {
                Set(Bits, _points.TokensAt(node));
                if (!_points.IsPlain(node))
                    Around(rules, way[depth], node);
                node++;
            }
        }
    }

    /// <summary>Takes what follows a node without being a code point: the quote, and what is begun.</summary>
    private void Around<TRules, T>(TRules rules, T state, int node)
        where TRules : struct, ITextStates<T>
    {
        int depth = _points.Depths[node];
        foreach (var part in _points.PartsAt(node))
        {
            if (rules.GoesOn(state, depth, part.Low, part.High))
                Set(Bits, [part.Token]);
        }
        var exits = _points.ExitsAt(node);
        if (exits.IsEmpty || !rules.CanEnd(state, depth))
            return;
        foreach (int exit in exits)
            _exits.Add(_points.Exits[exit]);
    }

    private static void Set(ulong[] bits, ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
            bits[token >> 6] |= 1UL << token;
    }
}
