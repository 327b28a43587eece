using System.Text;

namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>A set of code points given as the inside of a regular expression's brackets: <c>A-Zµ一-龥</c>.</summary>
internal sealed class CodePointSet
{
    private readonly bool[] _basic = new bool[char.MaxValue + 1];
    private readonly (int First, int Last)[] _supplementary;

    /// <summary>Reads the ranges; a "-" stands for itself at the end only.</summary>
    /// <param name="ranges">The code points and ranges.</param>
    /// <param name="whiteSpace">Whether white space beyond ASCII counts; in the peer's patterns it never does.</param>
    public CodePointSet(string ranges, bool whiteSpace = false)
    {
        Rune[] runes = [.. ranges.EnumerateRunes()];
        var supplementary = new List<(int, int)>();
        for (int i = 0; i < runes.Length; i++)
        {
            bool range = i + 2 < runes.Length && runes[i + 1].Value == '-';
            int first = runes[i].Value;
            int last = range ? runes[i += 2].Value : first;
            for (int value = first; value <= Math.Min(last, char.MaxValue); value++)
                _basic[value] = whiteSpace || value < 0x80 || !char.IsWhiteSpace((char)value);
            if (last > char.MaxValue)
                supplementary.Add((Math.Max(first, char.MaxValue + 1), last));
        }
        _supplementary = [.. supplementary];
    }

    /// <summary>Chinese characters (<c>\p{Han}</c> without radicals and numerals), which Kimi K2 sets apart.</summary>
    public static CodePointSet Han { get; } =
        new("一-鿿㐀-䶿\uF900-\uFAFF\U00020000-\U0002A6DF\U0002A700-\U0002EBEF\U0002F800-\U0002FA1F");

    /// <summary>Whether the code point at <paramref name="at"/> is in the set, and how many units it takes.</summary>
    public bool Contains(ReadOnlySpan<char> text, int at, out int units)
    {
        units = 0;
        if ((uint)at >= (uint)text.Length)
            return false;
        char unit = text[at];
        units = 1;
        if (!char.IsHighSurrogate(unit) || at + 1 >= text.Length || !char.IsLowSurrogate(text[at + 1]))
            return _basic[char.IsSurrogate(unit) ? '\uFFFD' : unit];
        units = 2;
        int value = char.ConvertToUtf32(unit, text[at + 1]);
        foreach (var (first, last) in _supplementary)
            if (value >= first && value <= last)
                return true;
        return false;
    }

    /// <summary>Where the run of the set's members ends.</summary>
    public int EndOfRun(ReadOnlySpan<char> text, int at)
    {
        while (Contains(text, at, out int units))
            at += units;
        return at;
    }
}
