using System.Buffers;
using System.Globalization;
using System.Text;

namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>Three ASCII digits at a time (<c>[0-9][0-9][0-9]</c>), as Falcon does; fewer stay together.</summary>
internal sealed class DigitTriples : MatchSplitter
{
    /// <inheritdoc/>
    protected override int Match(ReadOnlySpan<char> text, int at) =>
        at + 2 < text.Length && char.IsAsciiDigit(text[at]) && char.IsAsciiDigit(text[at + 1]) &&
        char.IsAsciiDigit(text[at + 2])
            ? 3
            : -1;
}

/// <summary>Numbers in groups of three counted from the right: 1234567 gives 1, 234, 567.</summary>
internal sealed class ThousandsSplitter : MatchSplitter
{
    /// <summary>What counts as a digit.</summary>
    public required Func<Rune, bool> IsDigit { get; init; }

    /// <summary>Whether a number that runs into a word stays whole (<c>\b</c> is asked for behind it).</summary>
    public bool OnlyBeforeWordEnd { get; init; }

    /// <summary>Any <c>\p{N}</c>, as AFMoE counts.</summary>
    public static bool Number(Rune rune) => Rune.IsNumber(rune);

    /// <summary>Decimal digits of any script (<c>\d</c>).</summary>
    public static bool DecimalDigit(Rune rune) => Rune.IsDigit(rune);

    /// <inheritdoc/>
    protected override int Match(ReadOnlySpan<char> text, int at)
    {
        Rune.DecodeFromUtf16(text[at..], out var rune, out int units);
        if (!IsDigit(rune))
            return -units;
        // In the middle of a number what is left is whole groups: nothing to count again.
        bool inside = at > 0 && Rune.DecodeLastFromUtf16(text[..at], out var before, out _) == OperationStatus.Done &&
            IsDigit(before);
        if (inside)
            return Units(text, at, 3);
        int end = EndOfDigits(text, at, IsDigit, out int count);
        if (OnlyBeforeWordEnd && end < text.Length && Rune.DecodeFromUtf16(text[end..], out rune, out _) ==
            OperationStatus.Done && IsWord(rune))
            return at - end;
        return Units(text, at, count % 3 == 0 ? 3 : count % 3);
    }

    /// <summary>Where the digits that begin at <paramref name="at"/> end, and how many there are.</summary>
    internal static int EndOfDigits(ReadOnlySpan<char> text, int at, Func<Rune, bool> isDigit, out int count)
    {
        for (count = 0; at < text.Length; count++)
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out int units);
            if (!isDigit(rune))
                break;
            at += units;
        }
        return at;
    }

    /// <summary>UTF-16 units of so many code points.</summary>
    internal static int Units(ReadOnlySpan<char> text, int at, int runes)
    {
        int length = 0;
        for (; runes > 0; runes--)
        {
            Rune.DecodeFromUtf16(text[(at + length)..], out _, out int units);
            length += units;
        }
        return length;
    }

    private static bool IsWord(Rune rune) => Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;
}

/// <summary>
/// Borders, rather than pieces: before each group of three decimal digits counted from a number's end
/// (<c>(?=(\d{3})+(?!\d))</c>). What follows a number stays with its last group.
/// </summary>
internal sealed class ThousandsBorders : Splitter
{
    /// <inheritdoc/>
    public override int Next(ReadOnlySpan<char> text, int start)
    {
        int at = start;
        while (at < text.Length)
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out int units);
            if (!Rune.IsDigit(rune))
            {
                at += units;
                continue;
            }
            // Behind a border inside a number whole groups are left.
            bool inside = at > 0 &&
                Rune.DecodeLastFromUtf16(text[..at], out var before, out _) == OperationStatus.Done &&
                Rune.IsDigit(before);
            int count = 6;
            int end = inside ? at : ThousandsSplitter.EndOfDigits(text, at, Rune.IsDigit, out count);
            int border = at + ThousandsSplitter.Units(text, at, inside ? 3 : count % 3);
            if (border > start && count >= 3 && IsDigitAt(text, border))
                return border;
            if (!inside && count > 3 && count % 3 == 0)
                return at + ThousandsSplitter.Units(text, at, 3);
            at = inside ? border : end;
        }
        return text.Length;
    }

    private static bool IsDigitAt(ReadOnlySpan<char> text, int at) =>
        at < text.Length && Rune.DecodeFromUtf16(text[at..], out var rune, out _) == OperationStatus.Done &&
        Rune.IsDigit(rune);
}
