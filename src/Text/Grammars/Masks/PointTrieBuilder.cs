using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Masks;

/// <summary>Reads the tree of a vocabulary's bytes as code points of a JSON string.</summary>
internal sealed class PointTrieBuilder
{
    private readonly Dictionary<int, int> _numbers = []; // by code point: its place in Points
    private readonly List<byte> _head = [];
    private readonly List<int> _way = []; // the code points before a node

    /// <summary>Reads a tree.</summary>
    /// <param name="trie">The tree.</param>
    /// <param name="from">Where the text stands.</param>
    public PointTrieBuilder(TokenTrie trie, TextDecoder from)
    {
        Trie = trie;
        Read(0, 0, from);
        Ends[0] = Symbols.Count;
    }

    /// <summary>The tree of bytes.</summary>
    public TokenTrie Trie { get; }

    /// <summary>[node] which of <see cref="Points"/> leads to it; the first node is the root.</summary>
    public List<int> Symbols { get; } = [0];

    /// <summary>[node] code points from the root to it.</summary>
    public List<int> Depths { get; } = [0];

    /// <summary>[node] the node after all that are below it.</summary>
    public List<int> Ends { get; } = [0];

    /// <summary>[node] the one above it.</summary>
    public List<int> Parents { get; } = [0];

    /// <summary>The code points, each once.</summary>
    public List<int> Points { get; } = [];

    /// <summary>Tokens, and where they end.</summary>
    public List<(int Node, int What)> Tokens { get; } = [];

    /// <summary>Tokens that end within a code point, and the node before it.</summary>
    public List<(int Node, PointTrie.Part What)> Parts { get; } = [];

    /// <summary>Quotes, and the nodes before them.</summary>
    public List<(int Node, PointTrie.Exit What)> Exits { get; } = [];

    private void Read(int bytes, int node, TextDecoder decoder)
    {
        int end = Trie.End(bytes);
        for (int child = bytes + 1; child < end; child = Trie.End(child))
        {
            byte label = Trie.Label(child);
            var result = decoder.Step(label, out var after, out int low, out int high);
            if (result == TextDecoder.Result.Closed)
                Exits.Add((node, new PointTrie.Exit(child, [.. _head], string.Concat(_way.Select(char.ConvertFromUtf32)), Depths[node])));
            if (result is TextDecoder.Result.Closed or TextDecoder.Result.Wrong)
                continue;
            _head.Add(label);
            if (result == TextDecoder.Result.Inside)
            {
                foreach (int token in Trie.TokensAt(child))
                    Parts.Add((node, new PointTrie.Part(low, high, token)));
                Read(child, node, after);
            }
            else
            {
                _way.Add(low);
                Read(child, Add(node, low, child), after);
                _way.RemoveAt(_way.Count - 1);
            }
            _head.RemoveAt(_head.Count - 1);
        }
        // A node's branches end where its last byte's do.
        Ends[node] = Symbols.Count;
    }

    private int Add(int parent, int point, int bytes)
    {
        if (!_numbers.TryGetValue(point, out int symbol))
        {
            _numbers.Add(point, symbol = Points.Count);
            Points.Add(point);
        }
        int node = Symbols.Count;
        Symbols.Add(symbol);
        Depths.Add(Depths[parent] + 1);
        Ends.Add(0);
        Parents.Add(parent);
        foreach (int token in Trie.TokensAt(bytes))
            Tokens.Add((node, token));
        return node;
    }
}
