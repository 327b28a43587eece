namespace Causerie.Text.Tokenizers.Merging;

/// <summary>A trie of byte strings: answers which of them a text begins with, one byte at a time.</summary>
internal sealed class PieceTrie
{
    private const uint Mix = 0x9E3779B1;
    private readonly int[] _fromRoot = new int[256];
    private readonly ulong[] _edges; // (node, byte) in the high half, target + 1 in the low; 0 where free
    private readonly int _shift;
    private readonly int[] _values; // [nodes] −1 where no string ends

    /// <summary>Builds the trie.</summary>
    /// <param name="pieces">The strings, with the value that each gives; of equal strings the least value counts.</param>
    public PieceTrie(IEnumerable<(byte[] Text, int Value)> pieces)
    {
        var sorted = pieces.Where(piece => piece.Text.Length > 0).ToArray();
        Array.Sort(sorted, (a, b) =>
            a.Text.AsSpan().SequenceCompareTo(b.Text) is var order and not 0 ? order : a.Value.CompareTo(b.Value));
        var edges = new List<(int Node, byte Label, int Target)>();
        var values = new List<int>();
        var ranges = new List<(int From, int To, int Depth)> { (0, sorted.Length, 0) };
        for (int node = 0; node < ranges.Count; node++)
        {
            var (from, to, depth) = ranges[node];
            values.Add(from < to && sorted[from].Text.Length == depth ? sorted[from].Value : -1);
            while (from < to && sorted[from].Text.Length == depth)
                from++;
            while (from < to)
            {
                byte label = sorted[from].Text[depth];
                int end = from + 1;
                while (end < to && sorted[end].Text[depth] == label)
                    end++;
                edges.Add((node, label, ranges.Count));
                ranges.Add((from, end, depth + 1));
                from = end;
            }
        }
        _values = [.. values];
        int bits = 4;
        while (1L << bits < edges.Count * 2L)
            bits++;
        _edges = new ulong[1 << bits];
        _shift = 32 - bits;
        foreach (var (node, label, target) in edges)
            Put(node, label, target);
        for (int first = 0; first < 256; first++)
            _fromRoot[first] = Step(0, (byte)first);
    }

    /// <summary>The node that a first byte leads to, or −1.</summary>
    public int Begin(byte first) => _fromRoot[first];

    /// <summary>The node that one more byte leads to, or −1.</summary>
    public int Step(int node, byte next)
    {
        uint key = ((uint)node << 8) | next;
        ulong[] edges = _edges;
        for (uint slot = (key * Mix) >> _shift; ; slot = (slot + 1) & (uint)(edges.Length - 1))
        {
            ulong edge = edges[slot];
            if ((uint)edge == 0 || (uint)(edge >> 32) == key)
                return (int)(uint)edge - 1;
        }
    }

    /// <summary>The value of the string that ends at the node, or −1.</summary>
    public int Value(int node) => _values[node];

    private void Put(int node, byte label, int target)
    {
        uint key = ((uint)node << 8) | label;
        uint slot = (key * Mix) >> _shift;
        while (_edges[slot] != 0)
            slot = (slot + 1) & (uint)(_edges.Length - 1);
        _edges[slot] = ((ulong)key << 32) | (uint)(target + 1);
    }
}
