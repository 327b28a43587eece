using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Causerie.Text.Tokenizers.Merging;
using Causerie.Text.Tokenizers.Normalization;
using Causerie.Text.Tokenizers.Special;

namespace Causerie.Text.Tokenizers;

/// <summary>
/// SentencePiece's unigram model (T5): of all ways to cut the normalised text into tokens the one with the greatest
/// sum of log-probabilities, found by Viterbi's algorithm.
/// </summary>
[TokenizerKind("t5")]
public sealed class UnigramTokenizer : VocabularyTokenizer
{
    private const float UnknownPenalty = 10;
    private readonly PieceTrie _pieces;
    private readonly PieceTrie _userDefined;
    private readonly bool _hasUserDefined;
    private readonly CharsMap _map;
    private readonly double[] _scores; // [tokens]
    private readonly double _unknownScore;
    private readonly bool _mergeSpaces;

    /// <summary>Builds the tokenizer.</summary>
    /// <exception cref="FormatException">The vocabulary contradicts itself.</exception>
    [SetsRequiredMembers]
    public UnigramTokenizer(Vocabulary vocabulary)
        : base(vocabulary, new VocabularyRules
        {
            Bos = vocabulary.Bos,
            Eos = VocabularyRules.IdOr(vocabulary, vocabulary.Eos, 1),
            Unknown = VocabularyRules.IdOr(vocabulary, vocabulary.Unknown, 2),
            AddBos = vocabulary.AddBos ?? false,
            AddEos = vocabulary.AddEos ?? true,
            SpacePrefix = vocabulary.AddSpacePrefix ?? false,
        })
    {
        Show(SpellWithSpaces);
        if (Rules.Unknown is null or < 0)
            throw new FormatException("tokenizer.ggml.unknown_token_id names no token for what cannot be spelt.");
        if (vocabulary.Scores.Length == 0)
            throw new FormatException("tokenizer.ggml.scores is missing.");
        _map = new CharsMap(vocabulary.NormalizationMap);
        _mergeSpaces = vocabulary.RemoveExtraWhitespace ?? false;
        var texts = Enumerable.Range(0, vocabulary.Tokens.Length)
            .Select(id => (vocabulary.Tokens.Utf8(id).ToArray(), id)).ToArray();
        _pieces = new PieceTrie(texts.Where(piece => IsPiece(piece.id)));
        _userDefined = new PieceTrie(texts.Where(piece => (TraitsOf(piece.id) & TokenTraits.UserDefined) != 0));
        _hasUserDefined = texts.Any(piece => (TraitsOf(piece.Item2) & TokenTraits.UserDefined) != 0);
        // A token that the author added always beats what it could be cut into: no log-probability is above 0.
        _scores = [.. vocabulary.Scores.Select((score, id) =>
            (TraitsOf(id) & TokenTraits.UserDefined) != 0 ? 0.0 : score)];
        float least = vocabulary.Scores.Where((_, id) => (TraitsOf(id) & TokenTraits.Normal) != 0)
            .DefaultIfEmpty(0).Min();
        _unknownScore = least - UnknownPenalty;
    }

    private bool IsPiece(int id) =>
        (TraitsOf(id) & (TokenTraits.Normal | TokenTraits.UserDefined)) != 0 ||
        (Vocabulary.Kinds.Length > 0 && Vocabulary.Kinds[id] == TokenKind.Unused);

    private protected override void EncodeText(ReadOnlySpan<char> text, bool first, ref TokenList ids)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            var normalized = new ArrayBufferWriter<byte>(text.Length * 2 + 16);
            Normalize(bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes)), normalized);
            var result = normalized.WrittenSpan;
            // As in SentencePiece: where spaces shrink none is left at the end, not even a typed U+2581.
            while (_mergeSpaces && result.EndsWith("\u2581"u8))
                result = result[..^3];
            if (!result.IsEmpty)
                Segment(result, ref ids);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private void Normalize(ReadOnlySpan<byte> text, ArrayBufferWriter<byte> output)
    {
        bool prefixed = !Rules.SpacePrefix;
        bool inWord = false;
        while (!text.IsEmpty)
        {
            int consumed = _hasUserDefined ? UserDefined(text) : _map.PlainRun(text);
            var replaced = text[..consumed];
            if (consumed == 0 && (consumed = _map.Find(text, out replaced)) == 0)
            {
                Rune.DecodeFromUtf8(text, out _, out consumed);
                replaced = text[..consumed];
            }
            text = text[consumed..];
            while (!replaced.IsEmpty)
            {
                int space = replaced.IndexOf((byte)' ');
                var word = space < 0 ? replaced : replaced[..space];
                replaced = space < 0 ? [] : replaced[(space + 1)..];
                if (!word.IsEmpty)
                {
                    if (!inWord && (_mergeSpaces || !prefixed))
                        output.Write("\u2581"u8);
                    prefixed |= !inWord;
                    inWord = true;
                    output.Write(word);
                }
                if (space < 0)
                    continue;
                inWord = false;
                if (!_mergeSpaces)
                    output.Write("\u2581"u8);
            }
        }
    }

    private int UserDefined(ReadOnlySpan<byte> text)
    {
        int longest = 0;
        int node = _userDefined.Begin(text[0]);
        for (int length = 1; node >= 0; length++)
        {
            if (_userDefined.Value(node) >= 0)
                longest = length;
            node = length < text.Length ? _userDefined.Step(node, text[length]) : -1;
        }
        return longest;
    }

    private void Segment(ReadOnlySpan<byte> text, ref TokenList ids)
    {
        int unknown = Rules.Unknown!.Value;
        var rented = ArrayPool<Way>.Shared.Rent(text.Length + 1);
        try
        {
            var best = rented.AsSpan(0, text.Length + 1); // [text + 1] the best way to each place
            best.Fill(new Way(double.NegativeInfinity, unknown, 0));
            best[0] = new Way(0, unknown, 0);
            for (int start = 0; start < text.Length;)
            {
                int character = 1;
                if (text[start] >= 0x80)
                    Rune.DecodeFromUtf8(text[start..], out _, out character);
                double before = best[start].Score;
                bool whole = false;
                int node = _pieces.Begin(text[start]);
                for (int end = start + 1; node >= 0; end++)
                {
                    int id = _pieces.Value(node);
                    if (id >= 0)
                    {
                        whole |= end - start == character;
                        if (before + _scores[id] is var score && score > best[end].Score)
                            best[end] = new Way(score, id, start);
                    }
                    node = end < text.Length ? _pieces.Step(node, text[end]) : -1;
                }
                int next = start + character;
                if (!whole && before + _unknownScore > best[next].Score)
                    best[next] = new Way(before + _unknownScore, unknown, start);
                start = next;
            }
            Collect(best, unknown, ref ids);
        }
        finally
        {
            ArrayPool<Way>.Shared.Return(rented);
        }
    }

    // Walks back from the end; neighbouring unknowns become one.
    private static void Collect(ReadOnlySpan<Way> best, int unknown, ref TokenList ids)
    {
        int first = ids.Count;
        bool wasUnknown = false;
        for (int end = best.Length - 1; end > 0; end = best[end].Start)
        {
            int id = best[end].Id;
            if (id != unknown || !wasUnknown)
                ids.Add(id);
            wasUnknown = id == unknown;
        }
        ids.Ids[first..].Reverse();
    }

    /// <summary>A way to a place in the text: its score, its last token, and where that begins.</summary>
    private readonly record struct Way(double Score, int Id, int Start);
}
