namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>How a vocabulary cuts text into words before it merges, and what else hangs on that name.</summary>
internal sealed record PreTokenizer
{
    /// <summary>Patterns, each applied to the pieces of the one before.</summary>
    public required Splitter[] Splitters { get; init; }

    /// <summary>Whether a word that is a token needs no merges.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>Whether BOS goes in front where the file does not say.</summary>
    public bool AddBos { get; init; }

    /// <summary>Whether BOS goes in front whatever the file says.</summary>
    public bool ForceBos { get; init; }

    /// <summary>Whether decoding takes out the spaces before punctuation and contractions.</summary>
    public bool CleanSpaces { get; init; } = true;

    /// <summary>Whether tokens spell bytes with GPT-2's stand-in characters; otherwise they are plain UTF-8.</summary>
    public bool ByteLevel { get; init; } = true;

    /// <summary>Whether tokens spell a space as U+2581.</summary>
    public bool EscapeSpaces { get; init; }

    /// <summary>Whether white space between words gives no tokens.</summary>
    public bool DropsWhiteSpace { get; init; }

    /// <summary>Whether a run of newlines that is a token needs no merges.</summary>
    public bool WholeNewLines { get; init; }
}
