namespace Causerie.Text.Grammars.Masks;

/// <summary>The tokens of a vocabulary by their bytes, as a tree laid out in one row: each node's children follow it.</summary>
public sealed class TokenTrie
{
    private readonly byte[] _labels; // [node] the byte that leads to it; the first node is the root
    private readonly int[] _ends; // [node] the node after all that are below it
    private readonly int[] _firstTokens; // [node + 1] where its tokens begin in _tokens
    private readonly int[] _tokens;
    private readonly byte[] _digits; // [node] digits to the end of the longest branch below it, 0 where there is anything else

    private TokenTrie(byte[] labels, int[] ends, int[] firstTokens, int[] tokens, int vocabulary)
    {
        (_labels, _ends, _firstTokens, _tokens) = (labels, ends, firstTokens, tokens);
        Vocabulary = vocabulary;
        _digits = new byte[labels.Length];
        for (int node = labels.Length - 1; node >= 0; node--)
            _digits[node] = Digits(node);
    }

    /// <summary>Tokens of the vocabulary, those without bytes included.</summary>
    public int Vocabulary { get; }

    /// <summary>The tree of a vocabulary.</summary>
    /// <param name="count">How many tokens there are.</param>
    /// <param name="bytes">Each one's bytes; none for control tokens, which no text holds.</param>
    public static TokenTrie Of(int count, Func<int, byte[]> bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        var sorted = new List<(byte[] Bytes, int Token)>(count);
        for (int token = 0; token < count; token++)
        {
            if (bytes(token) is { Length: > 0 } its)
                sorted.Add((its, token));
        }
        sorted.Sort((a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes) is var order and not 0 ? order : a.Token.CompareTo(b.Token));
        var labels = new List<byte> { 0 };
        var ends = new List<int> { 0 };
        var firstTokens = new List<int> { 0 };
        var tokens = new int[sorted.Count];
        var way = new List<int> { 0 }; // nodes from the root to the last token
        byte[] last = [];
        for (int i = 0; i < sorted.Count; i++)
        {
            var (its, token) = sorted[i];
            int shared = last.AsSpan().CommonPrefixLength(its);
            while (way.Count > shared + 1)
            {
                ends[way[^1]] = labels.Count;
                way.RemoveAt(way.Count - 1);
            }
            for (int at = shared; at < its.Length; at++)
            {
                way.Add(labels.Count);
                labels.Add(its[at]);
                ends.Add(0);
                firstTokens.Add(i);
            }
            tokens[i] = token;
            last = its;
        }
        foreach (int node in way)
            ends[node] = labels.Count;
        firstTokens.Add(sorted.Count);
        return new TokenTrie([.. labels], [.. ends], [.. firstTokens], tokens, count);
    }

    /// <summary>The byte that leads to a node.</summary>
    public byte Label(int node) => _labels[node];

    /// <summary>The node after all that are below one.</summary>
    public int End(int node) => _ends[node];

    /// <summary>How many digits there are at most below a node; 0 where nothing is, or anything else.</summary>
    internal int DigitsBelow(int node) => _digits[node];

    /// <summary>The tokens whose bytes end at a node: in the row they come before those below it.</summary>
    public ReadOnlySpan<int> TokensAt(int node) => _tokens.AsSpan(_firstTokens[node].._firstTokens[node + 1]);

    /// <summary>The tokens whose bytes end at a node or below it.</summary>
    public ReadOnlySpan<int> TokensBelow(int node) => _tokens.AsSpan(_firstTokens[node].._firstTokens[_ends[node]]);

    private byte Digits(int node)
    {
        byte most = 0;
        for (int child = node + 1; child < _ends[node]; child = _ends[child])
        {
            bool ends = _ends[child] == child + 1;
            if (_labels[child] is < (byte)'0' or > (byte)'9' || (!ends && _digits[child] == 0) || _digits[child] == byte.MaxValue)
                return 0;
            most = Math.Max(most, (byte)(_digits[child] + 1));
        }
        return most;
    }
}
