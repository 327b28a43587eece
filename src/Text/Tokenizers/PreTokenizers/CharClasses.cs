using System.Globalization;

namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>Looks up code points' classes in text; an unpaired surrogate counts as the U+FFFD it becomes.</summary>
internal static class CharClasses
{
    // [65536] by UTF-16 unit; surrogates hold the class of U+FFFD.
    private static readonly CharClass[] Table = Build();

    /// <summary>Class of one UTF-16 unit that is not the first half of a pair.</summary>
    public static CharClass Of(char unit) => Table[unit];

    /// <summary>Class of the code point at <paramref name="at"/>, and its length (0 past the end).</summary>
    public static CharClass At(ReadOnlySpan<char> text, int at, out int units)
    {
        if ((uint)at >= (uint)text.Length)
        {
            units = 0;
            return CharClass.None;
        }
        char unit = text[at];
        units = 1;
        if (!char.IsHighSurrogate(unit) || at + 1 >= text.Length || !char.IsLowSurrogate(text[at + 1]))
            return Table[unit];
        units = 2;
        return OfCategory(CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(unit, text[at + 1])));
    }

    /// <summary>Where the run of code points that have a bit of <paramref name="any"/> ends.</summary>
    public static int EndOfRun(ReadOnlySpan<char> text, int at, CharClass any)
    {
        while ((At(text, at, out int units) & any) != 0)
            at += units;
        return at;
    }

    /// <summary>Where the run of code points that have no bit of <paramref name="none"/> ends.</summary>
    public static int EndOfRunWithout(ReadOnlySpan<char> text, int at, CharClass none)
    {
        while ((At(text, at, out int units) & none) == 0 && units != 0)
            at += units;
        return at;
    }

    private static CharClass[] Build()
    {
        var table = new CharClass[char.MaxValue + 1];
        for (int unit = 0; unit < table.Length; unit++)
        {
            table[unit] = OfCategory(char.IsSurrogate((char)unit)
                ? UnicodeCategory.OtherSymbol
                : CharUnicodeInfo.GetUnicodeCategory(unit));
            if (char.IsWhiteSpace((char)unit))
                table[unit] |= CharClass.White;
        }
        return table;
    }

    private static CharClass OfCategory(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharClass.Letter | CharClass.Upper,
        UnicodeCategory.LowercaseLetter => CharClass.Letter | CharClass.Lower,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber =>
            CharClass.Number,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark =>
            CharClass.Mark,
        UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or
            UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation or
            UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation or
            UnicodeCategory.OtherPunctuation => CharClass.Punctuation,
        UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol or UnicodeCategory.ModifierSymbol or
            UnicodeCategory.OtherSymbol => CharClass.Symbol,
        _ => CharClass.None,
    };
}
