using System.Collections.Frozen;
using System.Text;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

/// <summary>Upper, lower and title case as Python has them: one letter may become several.</summary>
internal static class Case
{
    public static string Upper(string text) => Map(text, text.ToUpperInvariant(), SpecialCasing.Upper);

    public static string Lower(string text)
    {
        string lower = text.ToLowerInvariant();
        if (text.AsSpan().IndexOfAny('\u0130', '\u03a3') < 0)
            return lower;
        var mapped = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
            mapped.Append(text[i] switch
            {
                '\u0130' => "i\u0307",
                '\u03a3' when IsFinalSigma(text, i) => "\u03c2",
                _ => lower[i].ToString(),
            });
        return mapped.ToString();
    }

    public static string Capitalize(string text)
    {
        if (text.Length == 0)
            return text;
        int width = StringValue.Width(text, 0);
        return TitleLetter(text[..width]) + Lower(text)[Lower(text[..width]).Length..];
    }

    /// <summary>Each run of letters with its first one raised: they're → They'Re.</summary>
    public static string Title(string text)
    {
        var titled = new StringBuilder(text.Length);
        string lower = Lower(text);
        bool aligned = lower.Length == text.Length, inside = false;
        for (int i = 0; i < text.Length;)
        {
            int width = StringValue.Width(text, i);
            string letter = text.Substring(i, width);
            string below = aligned ? lower.Substring(i, width) : Lower(letter);
            titled.Append(inside ? below : TitleLetter(letter));
            inside = Letters.IsCased(char.ConvertToUtf32(letter + "\0", 0));
            i += width;
        }

        return titled.ToString();
    }

    public static string Swap(string text)
    {
        var swapped = new StringBuilder(text.Length);
        string lower = Lower(text);
        bool aligned = lower.Length == text.Length;
        for (int i = 0; i < text.Length;)
        {
            int width = StringValue.Width(text, i);
            string letter = text.Substring(i, width);
            int rune = width == 2 ? char.ConvertToUtf32(letter, 0) : letter[0];
            swapped.Append(Letters.IsUpper(rune) ? aligned ? lower.Substring(i, width) : Lower(letter) : Letters.IsLower(rune) ? Upper(letter) : letter);
            i += width;
        }

        return swapped.ToString();
    }

    public static string Fold(string text) => Map(text, text.ToLowerInvariant(), SpecialCasing.Fold);

    private static string TitleLetter(string letter) => letter.Length == 1
        ? SpecialCasing.Title.TryGetValue(letter[0], out string? title) ? title : Upper(letter)
        : Upper(letter);

    private static string Map(string text, string simple, FrozenDictionary<char, string> special)
    {
        bool any = false;
        foreach (char c in text)
            any |= c >= '\u00b5' && special.ContainsKey(c);
        if (!any)
            return simple;
        var mapped = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
            mapped.Append(special.TryGetValue(text[i], out string? several) ? several : simple[i].ToString());
        return mapped.ToString();
    }

    private static bool IsFinalSigma(string text, int at)
    {
        int before = at - 1, after = at + 1;
        while (before >= 0 && IsIgnorable(text[before]))
            before--;
        while (after < text.Length && IsIgnorable(text[after]))
            after++;
        return before >= 0 && Letters.IsCased(text[before]) && !(after < text.Length && Letters.IsCased(text[after]));
    }

    private static bool IsIgnorable(char c) => c is '\'' or '.' or ':' or '^' or '`' or '\u00a8' or '\u00b7' or '\u2019'
        || Letters.Category(c) is System.Globalization.UnicodeCategory.NonSpacingMark
            or System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.EnclosingMark
            or System.Globalization.UnicodeCategory.ModifierLetter;
}
