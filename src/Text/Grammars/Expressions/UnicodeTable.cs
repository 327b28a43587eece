using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Causerie.Text.Grammars.Expressions;

/// <summary>What Unicode says of its code points, gathered once.</summary>
internal sealed class UnicodeTable
{
    private static readonly Lazy<UnicodeTable> Made = new(() => new UnicodeTable());

    private UnicodeTable()
    {
        var ranges = new Dictionary<string, List<(int, int)>>(StringComparer.Ordinal);
        var cases = new Dictionary<int, int>();
        for (int code = 0; code <= 0x10FFFF; code++)
        {
            if (!Rune.TryCreate(code, out var rune))
                continue;
            if (Short(CharUnicodeInfo.GetUnicodeCategory(code)) is { } name)
            {
                foreach (string key in (ReadOnlySpan<string>)[name, name[..1]])
                {
                    if (!ranges.TryGetValue(key, out var list))
                        ranges.Add(key, list = []);
                    if (list.Count > 0 && list[^1].Item2 == code - 1)
                        list[^1] = (list[^1].Item1, code);
                    else
                        list.Add((code, code));
                }
            }
            Rune lower = Rune.ToLowerInvariant(rune), upper = Rune.ToUpperInvariant(rune);
            if (lower != rune && Rune.ToUpperInvariant(lower) == rune)
                cases[code] = lower.Value;
            else if (upper != rune && Rune.ToLowerInvariant(upper) == rune)
                cases[code] = upper.Value;
        }
        Categories = ranges.ToFrozenDictionary(one => one.Key, one => CodePoints.Of(one.Value));
        Cases = cases.ToFrozenDictionary();
    }

    /// <summary>The table.</summary>
    public static UnicodeTable Only => Made.Value;

    /// <summary>General categories by their names, such as <c>Lu</c>, and what those with the same first letter have together.</summary>
    public FrozenDictionary<string, CodePoints> Categories { get; }

    /// <summary>The other case of each letter, where each is the other's.</summary>
    public FrozenDictionary<int, int> Cases { get; }

    private static string? Short(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => "Lu",
        UnicodeCategory.LowercaseLetter => "Ll",
        UnicodeCategory.TitlecaseLetter => "Lt",
        UnicodeCategory.ModifierLetter => "Lm",
        UnicodeCategory.OtherLetter => "Lo",
        UnicodeCategory.NonSpacingMark => "Mn",
        UnicodeCategory.SpacingCombiningMark => "Mc",
        UnicodeCategory.EnclosingMark => "Me",
        UnicodeCategory.DecimalDigitNumber => "Nd",
        UnicodeCategory.LetterNumber => "Nl",
        UnicodeCategory.OtherNumber => "No",
        UnicodeCategory.SpaceSeparator => "Zs",
        UnicodeCategory.LineSeparator => "Zl",
        UnicodeCategory.ParagraphSeparator => "Zp",
        UnicodeCategory.Control => "Cc",
        UnicodeCategory.Format => "Cf",
        UnicodeCategory.PrivateUse => "Co",
        UnicodeCategory.ConnectorPunctuation => "Pc",
        UnicodeCategory.DashPunctuation => "Pd",
        UnicodeCategory.OpenPunctuation => "Ps",
        UnicodeCategory.ClosePunctuation => "Pe",
        UnicodeCategory.InitialQuotePunctuation => "Pi",
        UnicodeCategory.FinalQuotePunctuation => "Pf",
        UnicodeCategory.OtherPunctuation => "Po",
        UnicodeCategory.MathSymbol => "Sm",
        UnicodeCategory.CurrencySymbol => "Sc",
        UnicodeCategory.ModifierSymbol => "Sk",
        UnicodeCategory.OtherSymbol => "So",
        UnicodeCategory.OtherNotAssigned => "Cn",
        _ => null,
    };
}
