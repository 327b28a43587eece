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

    /// <summary>0 to 9.</summary>
    public static bool AsciiDigit(Rune rune) => rune.Value is >= '0' and <= '9';

    /// <inheritdoc/>
    protected override int Match(ReadOnlySpan<char> text, int at)
    {
        // In the middle of a number what is left is whole groups: nothing to count again.
        bool inside = at > 0 && Rune.DecodeLastFromUtf16(text[..at], out var before, out _) == OperationStatus.Done &&
            IsDigit(before);
        int group = inside ? 3 : 0;
        if (!inside)
        {
            int digits = 0;
            int end = at;
            Rune.DecodeFromUtf16(text[at..], out var rune, out int units);
            for (; IsDigit(rune); digits++)
            {
                end += units;
                if (end == text.Length)
                {
                    digits++;
                    break;
                }
                Rune.DecodeFromUtf16(text[end..], out rune, out units);
            }
            if (digits == 0)
                return -units;
            if (OnlyBeforeWordEnd && end < text.Length && IsWord(rune))
                return at - end;
            group = digits % 3 == 0 ? 3 : digits % 3;
        }
        int length = 0;
        for (; group > 0; group--)
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
