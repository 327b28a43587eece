using System.Collections.Frozen;

namespace Causerie.Text.Tokenizers.Special;

/// <summary>The tokens around the parts of a text with a hole, for models that were trained to fill it.</summary>
/// <param name="Prefix">Stands before what comes before the hole.</param>
/// <param name="Suffix">Stands before what comes behind it.</param>
/// <param name="Middle">Ends the question: the model writes what fits in between.</param>
public sealed record FillMarks(int Prefix, int Suffix, int Middle)
{
    /// <summary>Those of a vocabulary, by the file's own word or by well-known texts; null where one is missing.</summary>
    public static FillMarks? Of(Vocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return (vocabulary.FillPrefix ?? Named(vocabulary, WellKnownTokens.FillPrefixes)) is { } prefix
            && (vocabulary.FillSuffix ?? Named(vocabulary, WellKnownTokens.FillSuffixes)) is { } suffix
            && (vocabulary.FillMiddle ?? Named(vocabulary, WellKnownTokens.FillMiddles)) is { } middle
            ? new FillMarks(prefix, suffix, middle) : null;
    }

    /// <summary>The prompt that asks for what stands between two texts.</summary>
    /// <param name="tokenizer">The vocabulary's.</param>
    /// <param name="before">The text before the hole.</param>
    /// <param name="behind">The text behind it.</param>
    public int[] Prompt(Tokenizer tokenizer, string before, string behind)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var vocabulary = tokenizer.Vocabulary;
        // What the tokenizer puts before any text comes before the marks, too.
        int[] start = vocabulary.Bos is { } bos && tokenizer.Encode("", addSpecial: true) is [var first, ..] && first == bos ? [bos] : [];
        return [.. start, Prefix, .. tokenizer.Encode(before), Suffix, .. tokenizer.Encode(behind), Middle];
    }

    private static int? Named(Vocabulary vocabulary, FrozenSet<string> texts)
    {
        foreach (string text in texts.Order(StringComparer.Ordinal))
        {
            if (vocabulary.Tokens.IndexOf(text) is >= 0 and var id)
                return id;
        }

        return null;
    }
}
