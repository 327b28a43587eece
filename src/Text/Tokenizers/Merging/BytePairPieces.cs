using System.Buffers;
using Causerie.Text.Tokenizers.Special;

namespace Causerie.Text.Tokenizers.Merging;

/// <summary>A byte-pair vocabulary ready to merge: its pieces by content, its merges, its tokens of bytes.</summary>
internal sealed class BytePairPieces
{
    private const int StackBytes = 256;

    // Tokens first, then steps of merges that are no tokens; in the vocabulary's own spelling, so that neither tokens nor
    // merges, of which there are twice as many, need be read letter by letter at each start.
    private readonly ByteStrings _pieces;
    private readonly TextList _tokens;
    private readonly bool _byteLevel;

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
            // Control tokens are never made from typed text. One whose text spells no bytes is never asked for.
            var text = _tokens.Utf8(id);
            _pieces.Add(text, !text.IsEmpty && (traits(id) & (TokenTraits.Special | TokenTraits.Byte)) == 0);
        }
        if (vocabulary.Merges.Length == 0)
            RequireNone();
        Merges = MergeReader.Read(_pieces, vocabulary.Merges);
        ByteIds = byteLevel ? FindBytes() : ByteTokens.Find(_tokens);
    }

    /// <summary>Which pairs of pieces merge.</summary>
    public MergeTable Merges { get; }

    /// <summary>[256] token of a byte, −1 where there is none.</summary>
    public int[] ByteIds { get; }

    /// <summary>Number of the piece with these bytes, or −1.</summary>
    public int Find(ReadOnlySpan<byte> piece)
    {
        if (!_byteLevel)
            return _pieces.Find(piece);
        int most = ByteAlphabet.LongestLetter * piece.Length;
        byte[]? rented = most <= StackBytes ? null : ArrayPool<byte>.Shared.Rent(most);
        Span<byte> spelling = rented ?? stackalloc byte[StackBytes];
        int number = _pieces.Find(spelling[..ByteAlphabet.Write(piece, spelling)]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return number;
    }

    /// <summary>Whether a piece's number is a token's id, rather than a mere step of merges or −1.</summary>
    public bool IsToken(int piece) => (uint)piece < (uint)_tokens.Length;

    private void RequireNone()
    {
        for (int id = 0; id < _tokens.Length; id++)
            if (_pieces.Find(_pieces[id]) == id && !IsOneCharacter(_pieces[id]))
                throw new FormatException(
                    $"tokenizer.ggml.merges is empty, so no text comes to token {id} " +
                    $"'{_tokens[id][..Math.Min(_tokens[id].Length, 40)]}'.");
    }

    private bool IsOneCharacter(ReadOnlySpan<byte> spelling) => _byteLevel
        ? ByteAlphabet.Read(spelling, new byte[spelling.Length]) is -1 or 1
        : spelling.Length <= 4;

    private int[] FindBytes()
    {
        int[] ids = new int[256];
        for (int value = 0; value < 256; value++)
        {
            int piece = Find([(byte)value]);
            ids[value] = IsToken(piece) ? piece : -1;
        }
        return ids;
    }
}
