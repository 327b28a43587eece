namespace Causerie.Text.Tokenizers.Merging;

/// <summary>Reads a vocabulary's merges, each "left right", into a table.</summary>
/// <remarks>
/// The tables exceed the nearer caches, and a merge takes four look-ups: so a block of merges first asks memory for the
/// places where its look-ups begin, all at once, and only then looks. One by one, each would wait for the one before.
/// </remarks>
/// <param name="pieces">The pieces by content; gains those that are steps only.</param>
/// <param name="merges">The merges, best first.</param>
internal sealed class MergeReader(ByteStrings pieces, TextList merges)
{
    private const int BlockLength = 32;
    private readonly Line[] _lines = new Line[BlockLength];
    private byte[] _joined = new byte[BlockLength * 32]; // the block's merges without the spaces
    private int _asked;

    /// <summary>The table of all merges.</summary>
    /// <exception cref="FormatException">A merge is malformed.</exception>
    public MergeTable Read()
    {
        var table = new MergeTable(merges.Length);
        for (int first = 0; first < merges.Length; first += BlockLength)
        {
            var lines = _lines.AsSpan(0, Math.Min(BlockLength, merges.Length - first));
            Split(lines, first);
            foreach (ref var line in lines)
            {
                var joined = _joined.AsSpan(line.Start, line.Length);
                line.LeftId = Number(joined[..line.Middle], line.LeftKey);
                line.RightId = Number(joined[line.Middle..], line.RightKey);
                line.Id = Number(joined, line.Key);
                _asked += table.Ask(line.LeftId, line.RightId);
            }
            for (int i = 0; i < lines.Length; i++)
                table.Add(lines[i].LeftId, lines[i].RightId, (uint)(first + i), lines[i].Id);
        }
        return table;
    }

    private void Split(Span<Line> lines, int first)
    {
        int start = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            var merge = merges.Utf8(first + i);
            int space = merge.Length < 3 ? 0 : merge[1..].IndexOf((byte)' ') + 1;
            if (space == 0 || space + 1 == merge.Length)
                throw new FormatException(
                    $"tokenizer.ggml.merges[{first + i}] '{merges[first + i]}' is not two pieces with a space between.");
            int length = merge.Length - 1;
            if (_joined.Length < start + length)
                Array.Resize(ref _joined, 2 * (start + length));
            var joined = _joined.AsSpan(start, length);
            merge[..space].CopyTo(joined);
            merge[(space + 1)..].CopyTo(joined[space..]);
            ref var line = ref lines[i];
            (line.Start, line.Middle, line.Length) = (start, space, length);
            line.LeftKey = ByteStrings.KeyOf(joined[..space]);
            line.RightKey = ByteStrings.KeyOf(joined[space..]);
            line.Key = ByteStrings.KeyOf(joined);
            // The sum is of no use but to make the loads happen.
            _asked += pieces.Ask(line.LeftKey) + pieces.Ask(line.RightKey) + pieces.Ask(line.Key);
            start += length;
        }
    }

    private int Number(ReadOnlySpan<byte> piece, ulong key) =>
        pieces.Find(piece, key) is var number and >= 0 ? number : pieces.Add(piece, findable: true);

    private struct Line
    {
        public int Start;
        public int Middle;
        public int Length;
        public ulong LeftKey;
        public ulong RightKey;
        public ulong Key;
        public int LeftId;
        public int RightId;
        public int Id;
    }
}
