using System.Globalization;
using System.Text;

namespace Causerie.Text.Tokenizers.Normalization;

/// <summary>BERT's normalisation: which characters part words, stand alone or vanish, what letters become.</summary>
/// <remarks>
/// As in llama.cpp, stripping accents keeps the first code point of a canonical decomposition and drops every mark,
/// also the spacing ones.
/// </remarks>
internal sealed class BertNormalizer(bool lowercase, bool stripAccents)
{
    /// <summary>What a character does.</summary>
    public enum Role
    {
        /// <summary>Vanishes.</summary>
        Dropped,

        /// <summary>Parts words.</summary>
        Gap,

        /// <summary>A word of its own.</summary>
        Alone,

        /// <summary>Part of a word.</summary>
        Letter,
    }

    /// <summary>Role of a character, and what it becomes.</summary>
    public Role Classify(Rune rune, out Rune normal)
    {
        if (rune.IsAscii && char.IsAsciiLetterOrDigit((char)rune.Value))
        {
            normal = lowercase && rune.Value is >= 'A' and <= 'Z' ? new Rune(rune.Value | 32) : rune;
            return Role.Letter;
        }
        normal = stripAccents ? Decomposition.First(rune) : rune;
        if (Rune.IsWhiteSpace(normal))
            return Role.Gap;
        switch (Rune.GetUnicodeCategory(normal))
        {
            case UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse:
                return Role.Dropped;
            case UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or
                UnicodeCategory.EnclosingMark when stripAccents:
                return Role.Dropped;
            default:
                if (normal == Rune.ReplacementChar)
                    return Role.Dropped;
                bool alone = Rune.IsPunctuation(normal) || (normal.Value < 0x7F && Rune.IsSymbol(normal)) ||
                    IsChinese(normal.Value);
                if (lowercase)
                    normal = Rune.ToLowerInvariant(normal);
                return alone ? Role.Alone : Role.Letter;
        }
    }

    // BERT's blocks; the gap before 2B920 is in the reference implementation.
    private static bool IsChinese(int value) => value is
        (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or
        (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or
        (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
