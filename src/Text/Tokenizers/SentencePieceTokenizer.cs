using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Causerie.Text.Tokenizers.Merging;
using Causerie.Text.Tokenizers.PreTokenizers;
using Causerie.Text.Tokenizers.Special;

namespace Causerie.Text.Tokenizers;

/// <summary>
/// SentencePiece's byte-pair encoding (Llama 2, Mistral, Gemma): neighbours merge where their text together is a
/// token, best score first; what is no token in the end is spelt in bytes.
/// </summary>
[TokenizerKind("llama")]
public sealed class SentencePieceTokenizer : MergingTokenizer
{
    private const char Space = '\u2581';
    private readonly ScoredPieces _pieces;
    private readonly int[] _byteIds; // [256] token of a byte, −1 where there is none
    private readonly bool _wordByWord;
    private readonly SpaceSplitter _words = new();

    /// <summary>Builds the tokenizer.</summary>
    /// <exception cref="FormatException">The vocabulary contradicts itself.</exception>
    [SetsRequiredMembers]
    public SentencePieceTokenizer(Vocabulary vocabulary)
        : base(vocabulary, new VocabularyRules
        {
            Bos = VocabularyRules.IdOr(vocabulary, vocabulary.Bos, 1),
            Eos = VocabularyRules.IdOr(vocabulary, vocabulary.Eos, 2),
            Unknown = VocabularyRules.IdOr(vocabulary, vocabulary.Unknown, 0),
            AddBos = vocabulary.AddBos ?? true,
            AddEos = vocabulary.AddEos ?? false,
            SpacePrefix = vocabulary.AddSpacePrefix ?? true,
        })
    {
        Show(SpellWithSpaces);
        var tokens = vocabulary.Tokens;
        // Typed text is merged into text only: as in SentencePiece, control, unknown and byte tokens take no part.
        bool[] merges = new bool[tokens.Length];
        _wordByWord = true;
        for (int id = 0; id < merges.Length; id++)
        {
            merges[id] = (TraitsOf(id) & (TokenTraits.Special | TokenTraits.Byte)) == 0;
            _wordByWord &= !merges[id] || !SpaceSplitter.Crosses(tokens.Utf8(id));
        }
        _pieces = new ScoredPieces(vocabulary, merges);
        _byteIds = ByteTokens.Find(tokens);
        if (_byteIds.Contains(-1) && Rules.Unknown is null or < 0)
            throw new FormatException(
                "tokenizer.ggml.tokens has not a token for each byte, and there is none for what cannot be spelt.");
    }

    private protected override void EncodeText(ReadOnlySpan<char> text, bool first, ref TokenList ids)
    {
        bool prefix = first && Rules.SpacePrefix;
        int length = text.Length + (prefix ? 1 : 0);
        char[] rented = ArrayPool<char>.Shared.Rent(length);
        try
        {
            var escaped = rented.AsSpan(0, length);
            escaped[0] = Space;
            text.Replace(escaped[(length - text.Length)..], ' ', Space);
            for (int start = 0; start < escaped.Length;)
            {
                int end = _wordByWord ? _words.Next(escaped, start) : escaped.Length;
                EncodeWord(escaped[start..end], ref ids);
                start = end;
            }
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented);
        }
    }

    private protected override void MergeWord(ReadOnlySpan<char> word, ref TokenList ids)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(word.Length));
        var symbols = ArrayPool<Symbol>.Shared.Rent(word.Length);
        try
        {
            var bytes = rented.AsSpan(0, Encoding.UTF8.GetBytes(word, rented));
            int count = 0;
            for (int at = 0; at < bytes.Length; count++)
            {
                Rune.DecodeFromUtf8(bytes[at..], out _, out int length);
                symbols[count] = new Symbol(at, length, _pieces.Find(bytes.Slice(at, length)));
                at += length;
            }
            count = PairMerger.Merge(_pieces, bytes, symbols.AsSpan(0, count));
            foreach (var symbol in symbols.AsSpan(0, count))
            {
                if (symbol.Id >= 0)
                    ids.Add(symbol.Id);
                else
                    AddBytes(bytes.Slice(symbol.Start, symbol.Length), ref ids);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
            ArrayPool<Symbol>.Shared.Return(symbols);
        }
    }

    private void AddBytes(ReadOnlySpan<byte> character, ref TokenList ids)
    {
        int before = ids.Count;
        foreach (byte value in character)
        {
            if (_byteIds[value] < 0)
            {
                ids.Count = before;
                ids.Add(Rules.Unknown!.Value);
                return;
            }
            ids.Add(_byteIds[value]);
        }
    }
}
