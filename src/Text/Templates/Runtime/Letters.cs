using System.Globalization;

namespace Causerie.Text.Templates.Runtime;

/// <summary>Character classes as Python's str methods see them.</summary>
internal static class Letters
{
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    public static bool IsPrintable(int rune) => rune == ' ' || Category(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);

    public static UnicodeCategory Category(int rune) => CharUnicodeInfo.GetUnicodeCategory(rune);

    public static bool IsLetter(int rune) => Category(rune) is UnicodeCategory.UppercaseLetter
        or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
        or UnicodeCategory.OtherLetter;

    public static bool IsDecimal(int rune) => Category(rune) == UnicodeCategory.DecimalDigitNumber;

    public static bool IsNumeric(int rune) => Category(rune) is UnicodeCategory.DecimalDigitNumber
        or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    public static bool IsDigit(int rune) =>
        rune is 0xb2 or 0xb3 or 0xb9 or (>= 0x2070 and <= 0x2089) or (>= 0x2460 and <= 0x2468) || IsDecimal(rune);

    public static bool IsUpper(int rune) => Category(rune) == UnicodeCategory.UppercaseLetter;

    public static bool IsLower(int rune) => Category(rune) == UnicodeCategory.LowercaseLetter;

    public static bool IsCased(int rune) => Category(rune) is UnicodeCategory.UppercaseLetter
        or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter;

    public static bool IsWord(int rune) => rune == '_' || IsLetter(rune) || IsNumeric(rune);

    public static string Strip(string text, string? characters, bool left, bool right)
    {
        int start = 0, end = text.Length;
        while (left && start < end && Strips(text, start, characters))
            start++;
        while (right && end > start && Strips(text, end - 1, characters))
            end--;
        return start == 0 && end == text.Length ? text : text[start..end];
    }

    private static bool Strips(string text, int at, string? characters)
    {
        if (characters is null)
            return IsSpace(text[at]);
        if (!char.IsSurrogate(text[at]))
            return characters.Contains(text[at]);
        int high = char.IsLowSurrogate(text[at]) && at > 0 ? at - 1 : at;
        return high + 1 < text.Length && characters.Contains(text.Substring(high, 2), StringComparison.Ordinal);
    }
}
