namespace Causerie.Text.Tokenizers.Merging;

/// <summary>A trie of byte strings: answers which of them a text begins with, one byte at a time.</summary>
internal sealed class PieceTrie
{
    private const int Root = 0;
    private readonly int[] _fromRoot = new int[256];
    private byte[] _labels = []; // [edges] sorted within a node
    private int[] _targets = []; // [edges]
    private int[] _firstEdge = []; // [nodes + 1]
    private int[] _values = []; // [nodes] −1 where no string ends

    /// <summary>Builds the trie.</summary>
    /// <param name="pieces">The strings, with the value that each gives; of equal strings the first counts.</param>
    public PieceTrie(IEnumerable<(byte[] Text, int Value)> pieces)
    {
        var sorted = pieces.Where(piece => piece.Text.Length > 0).ToArray();
        Array.Sort(sorted, (a, b) =>
            a.Text.AsSpan().SequenceCompareTo(b.Text) is var order and not 0 ? order : a.Value.CompareTo(b.Value));
        Build(sorted);
        Array.Fill(_fromRoot, -1);
        for (int edge = _firstEdge[Root]; edge < _firstEdge[Root + 1]; edge++)
            _fromRoot[_labels[edge]] = _targets[edge];
    }

    /// <summary>The node that a first byte leads to, or −1.</summary>
    public int Begin(byte first) => _fromRoot[first];

    /// <summary>The node that one more byte leads to, or −1.</summary>
    public int Step(int node, byte next)
    {
        int first = _firstEdge[node];
        int at = _labels.AsSpan(first, _firstEdge[node + 1] - first).IndexOf(next);
        return at < 0 ? -1 : _targets[first + at];
    }

    /// <summary>The value of the string that ends at the node, or −1.</summary>
    public int Value(int node) => _values[node];

    // Level by level, so that a node's edges lie together.
    private void Build((byte[] Text, int Value)[] sorted)
    {
        var labels = new List<byte>();
        var targets = new List<int>();
        var firstEdge = new List<int>();
        var values = new List<int>();
        var ranges = new List<(int From, int To, int Depth)> { (0, sorted.Length, 0) };
        for (int node = 0; node < ranges.Count; node++)
        {
            firstEdge.Add(labels.Count);
            var (from, to, depth) = ranges[node];
            int value = -1;
            for (; from < to && sorted[from].Text.Length == depth; from++)
                value = value < 0 ? sorted[from].Value : value;
            values.Add(value);
            while (from < to)
            {
                byte label = sorted[from].Text[depth];
                int end = from + 1;
                while (end < to && sorted[end].Text[depth] == label)
                    end++;
                labels.Add(label);
                targets.Add(ranges.Count);
                ranges.Add((from, end, depth + 1));
                from = end;
            }
        }
        firstEdge.Add(labels.Count);
        (_labels, _targets, _firstEdge, _values) = ([.. labels], [.. targets], [.. firstEdge], [.. values]);
    }
}
