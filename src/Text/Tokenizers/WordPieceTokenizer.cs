using System.Diagnostics.CodeAnalysis;
using System.Text;
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
        _pieces = new PieceTrie(vocabulary.Tokens.Select((text, id) => (Encoding.UTF8.GetBytes(text), id))
            .Where(piece => (TraitsOf(piece.id) & TokenTraits.Special) == 0));
    }

    private protected override void EncodeText(ReadOnlySpan<char> text, bool first, ref TokenList ids)
    {
        var word = new StringBuilder();
        byte[] bytes = [];
        foreach (var rune in text.EnumerateRunes())
        {
            switch (_normalizer.Classify(rune, out var normal))
            {
                case BertNormalizer.Role.Letter:
                    word.Append(normal.ToString());
                    break;
                case BertNormalizer.Role.Gap:
                    Flush(ref ids);
                    break;
                case BertNormalizer.Role.Alone:
                    Flush(ref ids);
                    word.Append(normal.ToString());
                    Flush(ref ids);
                    break;
                default: // dropped
                    break;
            }
        }
        Flush(ref ids);

        void Flush(ref TokenList ids)
        {
            if (word.Length == 0)
                return;
            string spelling = "\u2581" + word;
            int most = Encoding.UTF8.GetMaxByteCount(spelling.Length);
            if (bytes.Length < most)
                bytes = new byte[most];
            Cut(bytes.AsSpan(0, Encoding.UTF8.GetBytes(spelling, bytes)), ref ids);
            word.Clear();
        }
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
