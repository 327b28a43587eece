using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Causerie.Text.Tokenizers.Merging;
using Causerie.Text.Tokenizers.PreTokenizers;
using Causerie.Text.Tokenizers.Special;

namespace Causerie.Text.Tokenizers;

/// <summary>
/// Byte-pair encoding as GPT-2 began it: a pre-tokenizer cuts text into words, and in each the best-ranked merge is
/// done until none is left.
/// </summary>
/// <remarks>
/// A merge may name pieces that are no tokens: they serve as steps, and one that is left over is spelt in bytes. A
/// character that needs a byte which has no token becomes U+FFFD, as unpaired surrogates do.
/// </remarks>
[TokenizerKind("gpt2", "gemma4")]
public sealed class BytePairTokenizer : VocabularyTokenizer
{
    private const int StackBytes = 512;
    private readonly PreTokenizer _pre;
    private readonly Splitter[] _splitters;
    private readonly ByteStrings _pieces; // tokens first, then steps of merges that are no tokens
    private readonly int[] _wordIds; // [pieces] id of a piece, −1 for steps
    private readonly MergeTable _merges;
    private readonly int[] _byteIds; // [256] token of a byte, −1 where there is none
    private readonly SearchValues<byte>? _unspeakable; // bytes of UTF-8 that have no token
    private readonly bool _replacing; // what cannot be spelt becomes U+FFFD rather than the unknown token
    private readonly WordCache _cache = new();

    /// <summary>Builds the tokenizer.</summary>
    /// <exception cref="NotSupportedException">The pre-tokenizer's name is unknown.</exception>
    /// <exception cref="FormatException">The vocabulary contradicts itself.</exception>
    [SetsRequiredMembers]
    public BytePairTokenizer(Vocabulary vocabulary)
        : this(vocabulary, PreTokenizerNames.Find(vocabulary.Model == "gemma4" ? "gemma4" : vocabulary.PreTokenizer))
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
        _pre = pre;
        Show(pre.ByteLevel ? SpellBytes : pre.EscapeSpaces ? SpellWithSpaces : SpellAsIs);
        int count = vocabulary.Tokens.Length;
        _pieces = new ByteStrings(count, count * 8);
        byte[] buffer = new byte[256];
        for (int id = 0; id < count; id++)
        {
            // Control tokens are never made from typed text.
            int length = Read(vocabulary.Tokens[id], ref buffer);
            bool findable = length > 0 && (TraitsOf(id) & (TokenTraits.Special | TokenTraits.Byte)) == 0;
            _pieces.Add(buffer.AsSpan(0, Math.Max(0, length)), findable);
        }
        _merges = ReadMerges(vocabulary.Merges);
        _wordIds = [.. Enumerable.Range(0, _pieces.Count).Select(piece => piece < count ? piece : -1)];
        _byteIds = FindBytes(vocabulary.Tokens);
        _unspeakable = FindUnspeakable();
        _replacing = pre.ByteLevel && _unspeakable is not null && "\uFFFD"u8.IndexOfAny(_unspeakable) < 0;
        bool wordByWord = pre.EscapeSpaces &&
            !vocabulary.Merges.Any(merge => SpaceSplitter.Crosses(merge.Replace(" ", "", StringComparison.Ordinal)));
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

    private void Split(ReadOnlySpan<char> text, int pass, ref TokenList ids)
    {
        var splitter = _splitters[pass];
        bool last = pass + 1 == _splitters.Length;
        for (int start = 0; start < text.Length;)
        {
            int end = splitter.Next(text, start);
            if (last)
                EncodeWord(text[start..end], ref ids);
            else
                Split(text[start..end], pass + 1, ref ids);
            start = end;
        }
    }

    private void EncodeWord(ReadOnlySpan<char> word, ref TokenList ids)
    {
        if (word.Length > WordCache.LongestWord)
        {
            MergeWord(word, ref ids);
            return;
        }
        int slot = WordCache.Slot(word);
        if (_cache.TryGet(slot, word, out var known))
        {
            ids.AddRange(known);
            return;
        }
        int before = ids.Count;
        MergeWord(word, ref ids);
        _cache.Set(slot, word, ids.Ids[before..]);
    }

    private void MergeWord(ReadOnlySpan<char> word, ref TokenList ids)
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
            if (_pre.IgnoreMerges || (_pre.WholeNewLines && word.IndexOfAnyExcept('\n') < 0))
            {
                int whole = _pieces.Find(bytes);
                if (whole >= 0 && _wordIds[whole] >= 0)
                {
                    ids.Add(_wordIds[whole]);
                    return;
                }
            }
            rentedSymbols = ArrayPool<Symbol>.Shared.Rent(bytes.Length);
            var symbols = rentedSymbols.AsSpan(0, bytes.Length);
            int count = _pre.ByteLevel ? ByteSymbols(bytes, symbols) : CharacterSymbols(bytes, symbols);
            count = PairMerger.Merge(_merges, bytes, symbols[..count]);
            foreach (var symbol in symbols[..count])
            {
                if (symbol.Id >= 0 && _wordIds[symbol.Id] is var id and >= 0)
                    ids.Add(id);
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

    private int ByteSymbols(ReadOnlySpan<byte> bytes, Span<Symbol> symbols)
    {
        for (int i = 0; i < bytes.Length; i++)
            symbols[i] = new Symbol(i, 1, _byteIds[bytes[i]]);
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
            if (_unspeakable is null || bytes[..length].IndexOfAny(_unspeakable) < 0)
                foreach (byte value in bytes[..length])
                    ids.Add(_byteIds[value]);
            else
                ids.Add(Rules.Unknown!.Value);
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

    // Reads a token's or a merge's spelling into the buffer; −1 where it is no spelling of bytes.
    private int Read(ReadOnlySpan<char> spelling, ref byte[] buffer)
    {
        if (buffer.Length < spelling.Length * 3)
            buffer = new byte[spelling.Length * 3];
        if (!_pre.ByteLevel)
            return Encoding.UTF8.GetBytes(spelling, buffer);
        return ByteAlphabet.TryRead(spelling, buffer) ? spelling.Length : -1;
    }

    private MergeTable ReadMerges(string[] merges)
    {
        if (merges.Length == 0)
            for (int id = 0; id < _pieces.Count; id++)
                if (_pieces.Find(_pieces[id]) == id && _pieces[id].Length > (_pre.ByteLevel ? 1 : 4))
                    throw new FormatException($"tokenizer.ggml.merges is empty, so no text comes to token {id} '{Vocabulary.Tokens[id]}'.");
        var table = new MergeTable(merges.Length);
        byte[] buffer = new byte[256];
        for (int rank = 0; rank < merges.Length; rank++)
        {
            ReadOnlySpan<char> merge = merges[rank];
            int space = merge.Length < 3 ? -1 : merge[1..].IndexOf(' ') + 1;
            if (space < 1 || space + 1 == merge.Length)
                throw new FormatException($"tokenizer.ggml.merges[{rank}] '{merge}' is not two pieces with a space between.");
            int left = Piece(merge[..space], ref buffer);
            int right = Piece(merge[(space + 1)..], ref buffer);
            if (left < 0 || right < 0)
                continue; // no text comes to such a piece
            int length = _pieces[left].Length + _pieces[right].Length;
            if (buffer.Length < length)
                buffer = new byte[length];
            _pieces[left].CopyTo(buffer);
            _pieces[right].CopyTo(buffer.AsSpan(_pieces[left].Length));
            table.Add(left, right, (uint)rank, Number(buffer.AsSpan(0, length)));
        }
        return table;
    }

    private int Piece(ReadOnlySpan<char> spelling, ref byte[] buffer)
    {
        int length = Read(spelling, ref buffer);
        return length < 0 ? -1 : Number(buffer.AsSpan(0, length));
    }

    private int Number(ReadOnlySpan<byte> piece) =>
        _pieces.Find(piece) is var number and >= 0 ? number : _pieces.Add(piece, findable: true);

    private int[] FindBytes(string[] tokens)
    {
        if (!_pre.ByteLevel)
            return FindByteTokens(tokens);
        int[] ids = new int[256];
        for (int value = 0; value < 256; value++)
        {
            int id = _pieces.Find([(byte)value]);
            ids[value] = id < tokens.Length ? id : -1;
        }
        return ids;
    }

    private SearchValues<byte>? FindUnspeakable()
    {
        byte[] missing = [.. Enumerable.Range(0, 256).Where(value => _byteIds[value] < 0).Select(value => (byte)value)];
        // U+FFFD stands for what cannot be spelt, so it must be possible to spell it; 0xF5 and up are never in UTF-8.
        if (missing.Any(value => value is not (0xC0 or 0xC1 or >= 0xF5)) && Rules.Unknown is null or < 0 &&
            "\uFFFD"u8.IndexOfAny(missing) >= 0)
            throw new FormatException(
                $"tokenizer.ggml.tokens has no token for byte 0x{missing[0]:X2}, and tokenizer.ggml.unknown_token_id names none for what cannot be spelt.");
        return missing.Length == 0 ? null : SearchValues.Create(missing);
    }

    private static int SpellBytes(string text, Span<byte> bytes) =>
        ByteAlphabet.TryRead(text, bytes) ? text.Length : Encoding.UTF8.GetBytes(text, bytes);

    private static int SpellAsIs(string text, Span<byte> bytes) => Encoding.UTF8.GetBytes(text, bytes);
}
