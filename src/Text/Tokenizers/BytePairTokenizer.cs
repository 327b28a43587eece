using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Causerie.Text.Tokenizers.Merging;
using Causerie.Text.Tokenizers.PreTokenizers;

namespace Causerie.Text.Tokenizers;

/// <summary>
/// Byte-pair encoding as GPT-2 began it: a pre-tokenizer cuts text into words, and in each the best-ranked merge is
/// done until none is left.
/// </summary>
/// <remarks>
/// A merge may name pieces that are no tokens: they serve as steps, and one that is left over is spelt in bytes. A
/// character that needs a byte which has no token becomes U+FFFD, as unpaired surrogates do.
/// </remarks>
[TokenizerKind("gpt2", "gemma4", "whitespace")]
public sealed class BytePairTokenizer : MergingTokenizer
{
    private const int StackBytes = 512;
    private readonly PreTokenizer _pre;
    private readonly Splitter[] _splitters;
    private readonly BytePairPieces _pieces;
    private readonly SearchValues<byte>? _unspeakable; // bytes that have no token; null where there are none
    private readonly bool _replacing; // what cannot be spelt becomes U+FFFD rather than the unknown token

    /// <summary>Builds the tokenizer.</summary>
    /// <exception cref="NotSupportedException">The pre-tokenizer's name is unknown.</exception>
    /// <exception cref="FormatException">The vocabulary contradicts itself.</exception>
    [SetsRequiredMembers]
    public BytePairTokenizer(Vocabulary vocabulary)
        : this(vocabulary, PreTokenizerNames.Find(
            vocabulary.Model is "gemma4" or "whitespace" ? vocabulary.Model : vocabulary.PreTokenizer))
    {
    }

    [SetsRequiredMembers]
    private BytePairTokenizer(Vocabulary vocabulary, PreTokenizer pre)
        : base(vocabulary, new VocabularyRules
        {
            Bos = vocabulary.Bos,
            Eos = vocabulary.Eos,
            Unknown = vocabulary.Unknown,
            AddBos = pre.ForceBos || (vocabulary.AddBos ?? pre.AddBos),
            AddEos = vocabulary.AddEos ?? false,
            SpacePrefix = vocabulary.AddSpacePrefix ?? false,
            CleanSpaces = pre.CleanSpaces,
        })
    {
        if (pre.DropsWhiteSpace && vocabulary.Lowercase == true)
            throw new NotSupportedException("tokenizer.ggml.normalizer.lowercase is only supported with WordPiece.");
        _pre = pre;
        Show(pre.ByteLevel ? SpellBytes : pre.EscapeSpaces ? SpellWithSpaces : SpellAsIs);
        _pieces = new BytePairPieces(vocabulary, pre.ByteLevel, TraitsOf);
        _unspeakable = FindUnspeakable();
        _replacing = pre.ByteLevel && _unspeakable is not null && "\uFFFD"u8.IndexOfAny(_unspeakable) < 0;
        bool wordByWord = pre.EscapeSpaces && !AnyCrosses(vocabulary.Merges);
        _splitters = wordByWord ? [.. pre.Splitters, new SpaceSplitter()] : pre.Splitters;
    }

    private protected override void EncodeText(ReadOnlySpan<char> text, bool first, ref TokenList ids)
    {
        if (!_pre.EscapeSpaces || !text.Contains(' '))
        {
            Split(text, 0, ref ids);
            return;
        }
        char[] escaped = ArrayPool<char>.Shared.Rent(text.Length);
        try
        {
            text.Replace(escaped, ' ', '\u2581');
            Split(escaped.AsSpan(0, text.Length), 0, ref ids);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(escaped);
        }
    }

    private protected override void MergeWord(ReadOnlySpan<char> word, ref TokenList ids)
    {
        int most = Encoding.UTF8.GetMaxByteCount(word.Length);
        byte[]? rented = most <= StackBytes ? null : ArrayPool<byte>.Shared.Rent(most);
        Symbol[]? rentedSymbols = null;
        try
        {
            Span<byte> bytes = rented ?? stackalloc byte[StackBytes];
            bytes = bytes[..Encoding.UTF8.GetBytes(word, bytes)];
            if (_replacing && bytes.IndexOfAny(_unspeakable!) >= 0)
            {
                MergeWord(Replace(word), ref ids);
                return;
            }
            if ((_pre.IgnoreMerges || (_pre.WholeNewLines && word.IndexOfAnyExcept('\n') < 0)) &&
                _pieces.Find(bytes) is var whole && _pieces.IsToken(whole))
            {
                ids.Add(whole);
                return;
            }
            rentedSymbols = ArrayPool<Symbol>.Shared.Rent(bytes.Length);
            var symbols = rentedSymbols.AsSpan(0, bytes.Length);
            int count = _pre.ByteLevel ? ByteSymbols(bytes, symbols) : CharacterSymbols(bytes, symbols);
            count = PairMerger.Merge(_pieces.Merges, bytes, symbols[..count]);
            foreach (var symbol in symbols[..count])
            {
                if (_pieces.IsToken(symbol.Id))
                    ids.Add(symbol.Id);
                else
                    AddBytes(bytes.Slice(symbol.Start, symbol.Length), ref ids);
            }
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
            if (rentedSymbols is not null)
                ArrayPool<Symbol>.Shared.Return(rentedSymbols);
        }
    }

    private void Split(ReadOnlySpan<char> text, int pass, ref TokenList ids)
    {
        var splitter = _splitters[pass];
        bool last = pass + 1 == _splitters.Length;
        for (int start = 0; start < text.Length;)
        {
            int end = splitter.Next(text, start);
            if (!last)
                Split(text[start..end], pass + 1, ref ids);
            else if (!_pre.DropsWhiteSpace || !char.IsWhiteSpace(text[start]))
                EncodeWord(text[start..end], ref ids);
            start = end;
        }
    }

    private int ByteSymbols(ReadOnlySpan<byte> bytes, Span<Symbol> symbols)
    {
        for (int i = 0; i < bytes.Length; i++)
            symbols[i] = new Symbol(i, 1, _pieces.ByteIds[bytes[i]]);
        return bytes.Length;
    }

    private int CharacterSymbols(ReadOnlySpan<byte> bytes, Span<Symbol> symbols)
    {
        int count = 0;
        for (int at = 0; at < bytes.Length; count++)
        {
            Rune.DecodeFromUtf8(bytes[at..], out _, out int length);
            symbols[count] = new Symbol(at, length, _pieces.Find(bytes.Slice(at, length)));
            at += length;
        }
        return count;
    }

    private void AddBytes(scoped ReadOnlySpan<byte> bytes, ref TokenList ids)
    {
        while (!bytes.IsEmpty)
        {
            int length = 1;
            if (!_pre.ByteLevel)
                Rune.DecodeFromUtf8(bytes, out _, out length);
            if (_unspeakable is not null && bytes[..length].IndexOfAny(_unspeakable) >= 0)
                ids.Add(Rules.Unknown!.Value);
            else
                foreach (byte value in bytes[..length])
                    ids.Add(_pieces.ByteIds[value]);
            bytes = bytes[length..];
        }
    }

    private string Replace(ReadOnlySpan<char> word)
    {
        var replaced = new StringBuilder(word.Length);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in word.EnumerateRunes())
        {
            bool speakable = bytes[..rune.EncodeToUtf8(bytes)].IndexOfAny(_unspeakable!) < 0;
            replaced.Append((speakable ? rune : Rune.ReplacementChar).ToString());
        }
        return replaced.ToString();
    }

    private static bool AnyCrosses(TextList merges)
    {
        var joined = new List<byte>();
        for (int rank = 0; rank < merges.Length; rank++)
        {
            joined.Clear();
            foreach (byte value in merges.Utf8(rank))
                if (value != ' ')
                    joined.Add(value);
            if (SpaceSplitter.Crosses(joined.ToArray()))
                return true;
        }
        return false;
    }

    private SearchValues<byte>? FindUnspeakable()
    {
        byte[] missing = [.. Enumerable.Range(0, 256)
            .Where(value => _pieces.ByteIds[value] < 0)
            .Select(value => (byte)value)];
        // Either U+FFFD or the unknown token must be there for what cannot be spelt.
        bool replaceable = _pre.ByteLevel && "\uFFFD"u8.IndexOfAny(missing) < 0;
        if (missing.Length > 0 && !replaceable && Rules.Unknown is null or < 0)
            throw new FormatException(
                $"tokenizer.ggml.tokens has no token for byte 0x{missing[0]:X2}, and " +
                "tokenizer.ggml.unknown_token_id names none for what cannot be spelt.");
        return missing.Length == 0 ? null : SearchValues.Create(missing);
    }

    private static int SpellBytes(ReadOnlySpan<byte> text, Span<byte> bytes) =>
        ByteAlphabet.Read(text, bytes) is var length and >= 0 ? length : SpellAsIs(text, bytes);
}
