namespace Causerie.Text.Tokenizers;

/// <summary>Everything that a model file says of its tokens; a <see cref="Tokenizer"/> is built from it.</summary>
public sealed record Vocabulary
{
    /// <summary>Kind of tokenizer as GGUF names it (<c>tokenizer.ggml.model</c>): gpt2, llama, t5, bert …</summary>
    public required string Model { get; init; }

    /// <summary>Pre-tokenizer's name (<c>tokenizer.ggml.pre</c>); null where the file has none.</summary>
    public string? PreTokenizer { get; init; }

    /// <summary>[n] token texts, in the vocabulary's own spelling.</summary>
    public required TextList Tokens { get; init; }

    /// <summary>[n] scores, or empty.</summary>
    public float[] Scores { get; init; } = [];

    /// <summary>[n] kinds, or empty where all are normal.</summary>
    public TokenKind[] Kinds { get; init; } = [];

    /// <summary>BPE merges in order of rank, each "left right".</summary>
    public TextList Merges { get; init; } = [];

    /// <summary>SentencePiece's compiled normalisation table (<c>precompiled_charsmap</c>), or empty.</summary>
    public byte[] NormalizationMap { get; init; } = [];

    /// <summary>Beginning of text.</summary>
    public int? Bos { get; init; }

    /// <summary>End of text.</summary>
    public int? Eos { get; init; }

    /// <summary>End of turn.</summary>
    public int? Eot { get; init; }

    /// <summary>End of message.</summary>
    public int? Eom { get; init; }

    /// <summary>Unknown.</summary>
    public int? Unknown { get; init; }

    /// <summary>Separator.</summary>
    public int? Separator { get; init; }

    /// <summary>Padding.</summary>
    public int? Padding { get; init; }

    /// <summary>Classification.</summary>
    public int? Classification { get; init; }

    /// <summary>Mask.</summary>
    public int? Mask { get; init; }

    /// <summary>Before the text before a hole that is to be filled.</summary>
    public int? FillPrefix { get; init; }

    /// <summary>Before the text behind it.</summary>
    public int? FillSuffix { get; init; }

    /// <summary>Asks for what fills it.</summary>
    public int? FillMiddle { get; init; }

    /// <summary>Whether the file asks for BOS in front; null leaves it to the kind of tokenizer.</summary>
    public bool? AddBos { get; init; }

    /// <summary>Whether the file asks for EOS behind; null leaves it to the kind of tokenizer.</summary>
    public bool? AddEos { get; init; }

    /// <summary>Whether the file asks for SEP behind.</summary>
    public bool? AddSeparator { get; init; }

    /// <summary>Whether a space is put before the text; null leaves it to the kind of tokenizer.</summary>
    public bool? AddSpacePrefix { get; init; }

    /// <summary>Whether runs of white space shrink to one space.</summary>
    public bool? RemoveExtraWhitespace { get; init; }

    /// <summary>Whether WordPiece lower-cases text first; null means yes.</summary>
    public bool? Lowercase { get; init; }

    /// <summary>Whether WordPiece strips accents first; null follows <see cref="Lowercase"/>.</summary>
    public bool? StripAccents { get; init; }

    /// <summary>Model's name (<c>general.name</c>): it alone tells that some tokens swallow white space.</summary>
    public string? ModelName { get; init; }

    /// <summary>Model's architecture (<c>general.architecture</c>), for the same reason.</summary>
    public string? Architecture { get; init; }
}

/// <summary>What a token is, with GGUF's numbers (<c>tokenizer.ggml.token_type</c>).</summary>
public enum TokenKind
{
    /// <summary>Not said.</summary>
    Undefined = 0,

    /// <summary>Text.</summary>
    Normal = 1,

    /// <summary>Stands for what the vocabulary cannot spell.</summary>
    Unknown = 2,

    /// <summary>Steers the model; matched in text only on request, never shown.</summary>
    Control = 3,

    /// <summary>Added by the model's author: matched in text before anything else.</summary>
    UserDefined = 4,

    /// <summary>A hole in the vocabulary.</summary>
    Unused = 5,

    /// <summary>One raw byte, spelt <c>&lt;0x41&gt;</c>.</summary>
    Byte = 6,
}
