using System.Text;
using Causerie.Text.Tokenizers.Special;

namespace Causerie.Text.Tokenizers.Merging;

/// <summary>A byte-pair vocabulary ready to merge: its pieces by content, its merges, its tokens of bytes.</summary>
internal sealed class BytePairPieces
{
    private readonly ByteStrings _pieces; // tokens first, then steps of merges that are no tokens
    private readonly string[] _tokens;
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
        _pieces = new ByteStrings(_tokens.Length, _tokens.Length * 8);
        for (int id = 0; id < _tokens.Length; id++)
        {
            // Control tokens are never made from typed text.
            int length = Read(_tokens[id]);
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

    private MergeTable ReadMerges(string[] merges)
    {
        if (merges.Length == 0)
            RequireNone();
        var table = new MergeTable(merges.Length);
        for (int rank = 0; rank < merges.Length; rank++)
        {
            ReadOnlySpan<char> merge = merges[rank];
            int space = merge.Length < 3 ? 0 : merge[1..].IndexOf(' ') + 1;
            if (space == 0 || space + 1 == merge.Length)
                throw new FormatException(
                    $"tokenizer.ggml.merges[{rank}] '{merge}' is not two pieces with a space between.");
            int left = Piece(merge[..space]);
            int right = Piece(merge[(space + 1)..]);
            if (left < 0 || right < 0)
                continue; // no text comes to such a piece
            int length = _pieces[left].Length + _pieces[right].Length;
            if (_buffer.Length < length)
                _buffer = new byte[length];
            _pieces[left].CopyTo(_buffer);
            _pieces[right].CopyTo(_buffer.AsSpan(_pieces[left].Length));
            table.Add(left, right, (uint)rank, Number(_buffer.AsSpan(0, length)));
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

    private int Piece(ReadOnlySpan<char> spelling)
    {
        int length = Read(spelling);
        return length < 0 ? -1 : Number(_buffer.AsSpan(0, length));
    }

    private int Number(ReadOnlySpan<byte> piece) =>
        _pieces.Find(piece) is var number and >= 0 ? number : _pieces.Add(piece, findable: true);

    // Reads a token's or a merge's spelling into the buffer; −1 where it is no spelling of bytes.
    private int Read(ReadOnlySpan<char> spelling)
    {
        if (_buffer.Length < spelling.Length * 3)
            _buffer = new byte[spelling.Length * 3];
        if (!_byteLevel)
            return Encoding.UTF8.GetBytes(spelling, _buffer);
        return ByteAlphabet.TryRead(spelling, _buffer) ? spelling.Length : -1;
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
