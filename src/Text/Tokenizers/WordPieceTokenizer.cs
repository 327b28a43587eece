using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Causerie.Text.Tokenizers.Merging;
using Causerie.Text.Tokenizers.Normalization;
using Causerie.Text.Tokenizers.Special;

namespace Causerie.Text.Tokenizers;

/// <summary>
/// BERT's WordPiece: words are lower-cased and stripped of accents, then cut from the left into the longest tokens;
/// a word that cannot be cut whole is unknown.
/// </summary>
[TokenizerKind("bert")]
public sealed class WordPieceTokenizer : VocabularyTokenizer
{
    private readonly PieceTrie _pieces;
    private readonly BertNormalizer _normalizer;

    /// <summary>Builds the tokenizer.</summary>
    /// <exception cref="FormatException">The vocabulary contradicts itself.</exception>
    [SetsRequiredMembers]
    public WordPieceTokenizer(Vocabulary vocabulary)
        : base(vocabulary, new VocabularyRules
        {
            Bos = VocabularyRules.IdOr(vocabulary, vocabulary.Bos ?? vocabulary.Classification, 101),
            Eos = vocabulary.Eos,
            Unknown = VocabularyRules.IdOr(vocabulary, vocabulary.Unknown, 100),
            Separator = VocabularyRules.IdOr(vocabulary, vocabulary.Separator, 102),
            AddBos = true,
            AddSeparator = true,
            SpacePrefix = vocabulary.AddSpacePrefix ?? false,
            CleanSpaces = true,
        })
    {
        Show(SpellWithSpaces);
        if (Rules.Unknown is null or < 0)
            throw new FormatException("tokenizer.ggml.unknown_token_id names no token for what cannot be spelt.");
        bool lowercase = vocabulary.Lowercase ?? true;
        _normalizer = new BertNormalizer(lowercase, vocabulary.StripAccents ?? lowercase);
        _pieces = new PieceTrie(Enumerable.Range(0, vocabulary.Tokens.Length)
            .Where(id => (TraitsOf(id) & TokenTraits.Special) == 0)
            .Select(id => (vocabulary.Tokens.Utf8(id).ToArray(), id)));
    }

    private protected override void EncodeText(ReadOnlySpan<char> text, bool first, ref TokenList ids)
    {
        var word = new ArrayBufferWriter<byte>(64);
        foreach (var rune in text.EnumerateRunes())
        {
            var role = _normalizer.Classify(rune, out var normal);
            if (role is BertNormalizer.Role.Gap or BertNormalizer.Role.Alone)
                Flush(word, ref ids);
            if (role is BertNormalizer.Role.Letter or BertNormalizer.Role.Alone)
            {
                if (word.WrittenCount == 0)
                    word.Write("\u2581"u8);
                word.Advance(normal.EncodeToUtf8(word.GetSpan(4)));
            }
            if (role == BertNormalizer.Role.Alone)
                Flush(word, ref ids);
        }
        Flush(word, ref ids);
    }

    private void Flush(ArrayBufferWriter<byte> word, ref TokenList ids)
    {
        Cut(word.WrittenSpan, ref ids);
        word.ResetWrittenCount();
    }

    private void Cut(scoped ReadOnlySpan<byte> word, ref TokenList ids)
    {
        int before = ids.Count;
        while (!word.IsEmpty)
        {
            int longest = 0;
            int piece = -1;
            int node = _pieces.Begin(word[0]);
            for (int length = 1; node >= 0; length++)
            {
                if (_pieces.Value(node) is var id and >= 0)
                    (longest, piece) = (length, id);
                node = length < word.Length ? _pieces.Step(node, word[length]) : -1;
            }
            if (longest == 0)
            {
                ids.Count = before;
                ids.Add(Rules.Unknown!.Value);
                return;
            }
            ids.Add(piece);
            word = word[longest..];
        }
    }
}
