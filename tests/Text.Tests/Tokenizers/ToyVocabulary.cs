using Causerie.Text.Tokenizers;

namespace Causerie.Text.Tests.Tokenizers;

/// <summary>Small vocabularies that tests write themselves.</summary>
internal static class ToyVocabulary
{
    /// <summary>The 256 stand-in characters of byte-level vocabularies, by byte.</summary>
    public static string[] ByteLetters { get; } = Letters();

    /// <summary>A byte-level vocabulary: the bytes, then what the merges make, then control tokens.</summary>
    public static Vocabulary BytePair(string[] merges, params string[] control)
    {
        string[] made = [.. merges.Select(merge => merge.Replace(" ", "", StringComparison.Ordinal))];
        return new Vocabulary
        {
            Model = "gpt2",
            PreTokenizer = "gpt-2",
            Tokens = [.. ByteLetters, .. made, .. control],
            Kinds = [.. Enumerable.Repeat(TokenKind.Normal, 256 + made.Length),
                .. Enumerable.Repeat(TokenKind.Control, control.Length)],
            Merges = merges,
        };
    }

    /// <summary>A SentencePiece vocabulary: unknown, BOS, EOS, the bytes, then pieces, best score first.</summary>
    public static Vocabulary SentencePiece(params string[] pieces)
    {
        string[] tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>"), .. pieces];
        return new Vocabulary
        {
            Model = "llama",
            Tokens = tokens,
            Scores = [.. tokens.Select((_, id) => id < 259 ? 0f : 259f - id)],
            Kinds = [TokenKind.Unknown, TokenKind.Control, TokenKind.Control,
                .. Enumerable.Repeat(TokenKind.Byte, 256), .. Enumerable.Repeat(TokenKind.Normal, pieces.Length)],
        };
    }

    /// <summary>A unigram vocabulary: unknown, EOS, then pieces with scores.</summary>
    public static Vocabulary Unigram(params (string Text, float Score)[] pieces) => new()
    {
        Model = "t5",
        Tokens = ["<unk>", "</s>", .. pieces.Select(piece => piece.Text)],
        Scores = [0, 0, .. pieces.Select(piece => piece.Score)],
        Kinds = [TokenKind.Unknown, TokenKind.Control, .. Enumerable.Repeat(TokenKind.Normal, pieces.Length)],
        Unknown = 0,
        Eos = 1,
        AddSpacePrefix = true,
    };

    /// <summary>A WordPiece vocabulary: unknown, CLS, SEP, then pieces.</summary>
    public static Vocabulary WordPiece(params string[] pieces) => new()
    {
        Model = "bert",
        Tokens = ["[UNK]", "[CLS]", "[SEP]", .. pieces],
        Kinds = [TokenKind.Control, TokenKind.Control, TokenKind.Control,
            .. Enumerable.Repeat(TokenKind.Normal, pieces.Length)],
        Unknown = 0,
        Bos = 1,
        Separator = 2,
    };

    private static string[] Letters()
    {
        string[] letters = new string[256];
        int next = 256;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            letters[value] = ((char)(printable ? value : next++)).ToString();
        }
        return letters;
    }
}
