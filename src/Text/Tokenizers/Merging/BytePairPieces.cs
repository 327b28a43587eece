using Causerie.Text.Tokenizers.Special;

namespace Causerie.Text.Tokenizers.Merging;

/// <summary>A byte-pair vocabulary ready to merge: its pieces by content, its merges, its tokens of bytes.</summary>
internal sealed class BytePairPieces
{
    private readonly ByteStrings _pieces; // tokens first, then steps of merges that are no tokens
    private readonly TextList _tokens;
    private readonly bool _byteLevel;
    private byte[] _buffer = new byte[256];

    /// <summary>Reads the vocabulary.</summary>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="byteLevel">Whether tokens spell bytes with stand-in characters; otherwise they are UTF-8.</param>
    /// <param name="traits">Traits of a token.</param>
    /// <exception cref="FormatException">A merge is malformed, or there are none.</exception>
    public BytePairPieces(Vocabulary vocabulary, bool byteLevel, Func<int, TokenTraits> traits)
    {
        _tokens = vocabulary.Tokens;
        _byteLevel = byteLevel;
        _pieces = new ByteStrings(_tokens.Length, _tokens.TotalBytes);
        for (int id = 0; id < _tokens.Length; id++)
        {
            // Control tokens are never made from typed text.
            int length = Read(_tokens.Utf8(id), 0);
            bool findable = length > 0 && (traits(id) & (TokenTraits.Special | TokenTraits.Byte)) == 0;
            _pieces.Add(_buffer.AsSpan(0, Math.Max(0, length)), findable);
        }
        Merges = ReadMerges(vocabulary.Merges);
        ByteIds = byteLevel ? FindBytes() : ByteTokens.Find(_tokens);
        _buffer = [];
    }

    /// <summary>Which pairs of pieces merge.</summary>
    public MergeTable Merges { get; }

    /// <summary>[256] token of a byte, −1 where there is none.</summary>
    public int[] ByteIds { get; }

    /// <summary>Number of the piece with these bytes, or −1.</summary>
    public int Find(ReadOnlySpan<byte> piece) => _pieces.Find(piece);

    /// <summary>Whether a piece's number is a token's id, rather than a mere step of merges or −1.</summary>
    public bool IsToken(int piece) => (uint)piece < (uint)_tokens.Length;

    private MergeTable ReadMerges(TextList merges)
    {
        if (merges.Length == 0)
            RequireNone();
        var table = new MergeTable(merges.Length);
        for (int rank = 0; rank < merges.Length; rank++)
        {
            var merge = merges.Utf8(rank);
            int space = merge.Length < 3 ? 0 : merge[1..].IndexOf((byte)' ') + 1;
            if (space == 0 || space + 1 == merge.Length)
                throw new FormatException(
                    $"tokenizer.ggml.merges[{rank}] '{merges[rank]}' is not two pieces with a space between.");
            // Read one behind the other, the two are the third as well.
            int middle = Read(merge[..space], 0);
            int left = middle < 0 ? -1 : Number(_buffer.AsSpan(0, middle));
            int length = Read(merge[(space + 1)..], Math.Max(middle, 0));
            int right = length < 0 ? -1 : Number(_buffer.AsSpan(Math.Max(middle, 0), length));
            if (left < 0 || right < 0)
                continue; // no text comes to such a piece
            table.Add(left, right, (uint)rank, Number(_buffer.AsSpan(0, middle + length)));
        }
        return table;
    }

    private void RequireNone()
    {
        for (int id = 0; id < _tokens.Length; id++)
            if (_pieces.Find(_pieces[id]) == id && _pieces[id].Length > (_byteLevel ? 1 : 4))
                throw new FormatException(
                    $"tokenizer.ggml.merges is empty, so no text comes to token {id} " +
                    $"'{_tokens[id][..Math.Min(_tokens[id].Length, 40)]}'.");
    }

    private int Number(ReadOnlySpan<byte> piece) =>
        _pieces.Find(piece) is var number and >= 0 ? number : _pieces.Add(piece, findable: true);

    // Reads a token's or a merge's spelling into the buffer; −1 where it is no spelling of bytes.
    private int Read(ReadOnlySpan<byte> spelling, int at)
    {
        if (_buffer.Length < at + spelling.Length)
            Array.Resize(ref _buffer, at + spelling.Length);
        if (_byteLevel)
            return ByteAlphabet.Read(spelling, _buffer.AsSpan(at));
        spelling.CopyTo(_buffer.AsSpan(at));
        return spelling.Length;
    }

    private int[] FindBytes()
    {
        int[] ids = new int[256];
        for (int value = 0; value < 256; value++)
        {
            int piece = _pieces.Find([(byte)value]);
            ids[value] = IsToken(piece) ? piece : -1;
        }
        return ids;
    }
}
