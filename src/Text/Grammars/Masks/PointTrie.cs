using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Masks;

/// <summary>The tokens of a vocabulary by the code points that they add to a JSON string: the tree of their bytes, with one node for each code point.</summary>
/// <remarks>Bytes are read once for a place between or in code points, so that walks over what a text may hold need no decoder.</remarks>
internal sealed class PointTrie
{
    private readonly int[] _firstTokens; // [node + 1] where its tokens begin in _tokens
    private readonly int[] _tokens;
    private readonly int[] _firstParts; // [node + 1]
    private readonly Part[] _parts;
    private readonly int[] _firstExits; // [node + 1]
    private readonly int[] _exits;
    private readonly bool[] _isPlain; // [node]
    private readonly Lazy<QuoteBranch> _tails;

    /// <summary>Of what a builder has found.</summary>
    internal PointTrie(PointTrieBuilder built)
    {
        Vocabulary = built.Trie.Vocabulary;
        (Symbols, Depths, Ends, Points) = ([.. built.Symbols], [.. built.Depths], [.. built.Ends], [.. built.Points]);
        (_firstTokens, _tokens) = InRow(built.Tokens);
        (_firstParts, _parts) = InRow(built.Parts);
        Exits = [.. built.Exits.Select(one => one.What)];
        (_firstExits, _exits) = InRow([.. built.Exits.Select((one, i) => (one.Node, i))]);
        Depth = Depths.Max();
        (Kinds, Heights, _isPlain) = (new byte[Nodes], new int[Nodes], new bool[Nodes]);
        Measure(built.Parents);
        _tails = new Lazy<QuoteBranch>(() => QuoteBranch.Of(built.Trie, Exits));
    }

    /// <summary>Tokens of the vocabulary.</summary>
    public int Vocabulary { get; }

    /// <summary>How many nodes there are; the first is the root, and each one's children follow it.</summary>
    public int Nodes => Symbols.Length;

    /// <summary>[node] which of <see cref="Points"/> leads to it.</summary>
    public int[] Symbols { get; }

    /// <summary>The code points of the vocabulary, each once.</summary>
    public int[] Points { get; }

    /// <summary>[node] code points from the root to it.</summary>
    public int[] Depths { get; }

    /// <summary>[node] the node after all that are below it.</summary>
    public int[] Ends { get; }

    /// <summary>[node] the narrowest of <see cref="PlainText"/>'s kinds that has all code points below it; one past them where none has, or where a quote is below it.</summary>
    public byte[] Kinds { get; }

    /// <summary>[node] code points from it to the deepest below it, one that is begun included.</summary>
    public int[] Heights { get; }

    /// <summary>Code points of the longest token.</summary>
    public int Depth { get; }

    /// <summary>Where a quote may close the text.</summary>
    public IReadOnlyList<Exit> Exits { get; }

    /// <summary>The tokens that end at a node.</summary>
    public ReadOnlySpan<int> TokensAt(int node) => _tokens.AsSpan(_firstTokens[node].._firstTokens[node + 1]);

    /// <summary>The tokens that end at a node or below it, save those that end within a code point.</summary>
    public ReadOnlySpan<int> TokensBelow(int node) => _tokens.AsSpan(_firstTokens[node].._firstTokens[Ends[node]]);

    /// <summary>The tokens that end within a code point that follows a node.</summary>
    public ReadOnlySpan<Part> PartsAt(int node) => _parts.AsSpan(_firstParts[node].._firstParts[node + 1]);

    /// <summary>The tokens that end within a code point that follows a node or one below it.</summary>
    public ReadOnlySpan<Part> PartsBelow(int node) => _parts.AsSpan(_firstParts[node].._firstParts[Ends[node]]);

    /// <summary>Which of <see cref="Exits"/> follow a node.</summary>
    public ReadOnlySpan<int> ExitsAt(int node) => _exits.AsSpan(_firstExits[node].._firstExits[node + 1]);

    /// <summary>Whether nothing follows a node but code points: neither a quote nor one that is begun.</summary>
    public bool IsPlain(int node) => _isPlain[node];

    /// <summary>What stands behind the quotes, with the tokens that end so.</summary>
    public QuoteBranch Tails => _tails.Value;

    /// <summary>The tree of a vocabulary.</summary>
    /// <param name="trie">Its tokens.</param>
    /// <param name="from">Where the text stands.</param>
    public static PointTrie Of(TokenTrie trie, TextDecoder from) => new(new PointTrieBuilder(trie, from));

    private static (int[] First, T[] Row) InRow<T>(List<(int Node, T What)> all, int nodes)
    {
        int[] first = new int[nodes + 1];
        foreach (var (node, _) in all)
            first[node + 1]++;
        for (int node = 0; node < nodes; node++)
            first[node + 1] += first[node];
        var row = new T[all.Count];
        int[] at = [.. first];
        foreach (var (node, what) in all)
            row[at[node]++] = what;
        return (first, row);
    }

    private (int[] First, T[] Row) InRow<T>(List<(int Node, T What)> all) => InRow(all, Nodes);

    // From the last node to the first, so that what is below a node is known before it.
    private void Measure(List<int> parents)
    {
        byte[] kinds = [.. Points.Select(point => (byte)PlainText.KindOf(point))]; // [symbol]
        for (int node = Nodes - 1; node >= 0; node--)
        {
            _isPlain[node] = PartsAt(node).IsEmpty && ExitsAt(node).IsEmpty;
            foreach (var part in PartsAt(node))
                (Kinds[node], Heights[node]) = (Math.Max(Kinds[node], (byte)PlainText.KindOf(part.Low, part.High)), Math.Max(Heights[node], 1));
            if (!ExitsAt(node).IsEmpty)
                Kinds[node] = (byte)PlainText.Kinds.Count;
            if (node == 0)
                break;
            int parent = parents[node];
            Kinds[parent] = Math.Max(Kinds[parent], Math.Max(Kinds[node], kinds[Symbols[node]]));
            Heights[parent] = Math.Max(Heights[parent], Heights[node] + 1);
        }
    }

    /// <summary>A token that ends within a code point.</summary>
    /// <param name="Low">The least that it can become.</param>
    /// <param name="High">The most.</param>
    /// <param name="Token">The token.</param>
    internal readonly record struct Part(int Low, int High, int Token);

    /// <summary>A quote in the tree.</summary>
    /// <param name="Node">Its node in the tree of bytes.</param>
    /// <param name="Head">The bytes before it.</param>
    /// <param name="Text">The text that they stand for.</param>
    /// <param name="Points">The code points of that text.</param>
    internal sealed record Exit(int Node, byte[] Head, string Text, int Points);
}
