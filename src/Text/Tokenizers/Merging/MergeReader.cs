namespace Causerie.Text.Tokenizers.Merging;

/// <summary>Reads a vocabulary's merges, each "left right", into a table.</summary>
internal static class MergeReader
{
    /// <summary>The table of all merges.</summary>
    /// <param name="pieces">The pieces by content; gains those that are steps only.</param>
    /// <param name="merges">The merges, best first.</param>
    /// <exception cref="FormatException">A merge is malformed.</exception>
    public static MergeTable Read(ByteStrings pieces, TextList merges)
    {
        var table = new MergeTable(merges.Length);
        byte[] joined = new byte[64]; // a merge without its space
        for (int rank = 0; rank < merges.Length; rank++)
        {
            var merge = merges.Utf8(rank);
            int space = merge.Length < 3 ? 0 : merge[1..].IndexOf((byte)' ') + 1;
            if (space == 0 || space + 1 == merge.Length)
                throw new FormatException(
                    $"tokenizer.ggml.merges[{rank}] '{merges[rank]}' is not two pieces with a space between.");
            if (joined.Length < merge.Length)
                joined = new byte[2 * merge.Length];
            merge[..space].CopyTo(joined);
            merge[(space + 1)..].CopyTo(joined.AsSpan(space));
            var whole = joined.AsSpan(0, merge.Length - 1);
            table.Add(
                Number(pieces, whole[..space]), Number(pieces, whole[space..]), (uint)rank, Number(pieces, whole));
        }
        return table;
    }

    private static int Number(ByteStrings pieces, ReadOnlySpan<byte> piece) =>
        pieces.Find(piece) is var number and >= 0 ? number : pieces.Add(piece, findable: true);
}
