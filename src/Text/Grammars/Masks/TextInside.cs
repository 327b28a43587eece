namespace Causerie.Text.Grammars.Masks;

/// <summary>What a place in a JSON text lets in, wherever the text stands: tokens that stay in it, and those that leave it by its quote.</summary>
internal sealed class TextInside
{
    private readonly List<PointTrie.Exit> _exits = [];
    private readonly Lazy<QuoteBranch> _after; // what stands behind the quotes, with the tokens that end so
    private readonly Lazy<ILookup<string, int>> _byText;

    private TextInside(TokenTrie trie, PointTrie points)
    {
        Bits = new ulong[(points.Vocabulary + 63) / 64];
        _after = new Lazy<QuoteBranch>(() => QuoteBranch.Of(trie, _exits));
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
        var inside = new TextInside(trie, points);
        inside.Walk(points, rules, start);
        return inside;
    }

    /// <summary>The nodes of the trie where a quote follows a text.</summary>
    public IEnumerable<int> ExitsAfter(string text) => _byText.Value[text];

    /// <summary>Works out at once what is otherwise worked out when it is asked for.</summary>
    public void Prepare() => _ = (_after.Value, _byText.Value);

    /// <summary>Adds the tokens with a quote behind which a state goes on.</summary>
    public void Add(GrammarState after, Span<ulong> mask) => _after.Value.Add(after, mask);

    private void Walk<TRules, T>(PointTrie points, TRules rules, T start)
        where TRules : struct, ITextStates<T>
    {
        var way = new T[points.Depth + 1]; // [depth] the states from the root to a node
        way[0] = start;
        Around(points, rules, start, 0);
        for (int node = 1; node < points.Nodes;)
        {
            int depth = points.Depths[node];
            if (!rules.Step(way[depth - 1], points.Symbols[node], depth, out way[depth]))
            {
                node = points.Ends[node];
            }
            else if (rules.TakesAllBelow(way[depth], node))
            {
                Stay(points.TokensBelow(node));
                foreach (var part in points.PartsBelow(node))
                    Stay([part.Token]);
                node = points.Ends[node];
            }
            else
            {
                Stay(points.TokensAt(node));
                Around(points, rules, way[depth], node);
                node++;
            }
        }
    }

    /// <summary>Takes what follows a node without being a code point: the quote, and what is begun.</summary>
    private void Around<TRules, T>(PointTrie points, TRules rules, T state, int node)
        where TRules : struct, ITextStates<T>
    {
        int depth = points.Depths[node];
        foreach (var part in points.PartsAt(node))
        {
            if (rules.GoesOn(state, depth, part.Low, part.High))
                Stay([part.Token]);
        }
        var exits = points.ExitsAt(node);
        if (exits.IsEmpty || !rules.CanEnd(state, depth))
            return;
        foreach (int exit in exits)
            _exits.Add(points.Exits[exit]);
    }

    private void Stay(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
            Bits[token >> 6] |= 1UL << token;
    }
}
