using System.Globalization;

namespace Causerie.Training.Corpus.Tables;

/// <summary>Two numbers below a hundred, their sum, and how it is worked out: tens, units, both.</summary>
internal sealed class Sums : ComputedTable
{
    /// <inheritdoc/>
    public override string Name => "sum";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } = ["a", "b", "result", "worked"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice)
    {
        int a = dice.Next(100), b = dice.Next(100);
        return [Text(a), Text(b), Text(a + b), Worked(a, b)];
    }

    /// <summary>Such as <c>20 + 40 = 60, 3 + 5 = 8, 60 + 8 = 68: 23 + 45 = 68</c>.</summary>
    private static string Worked(int a, int b)
    {
        int tens = (a / 10 * 10) + (b / 10 * 10), units = (a % 10) + (b % 10);
        string whole = $"{Text(a)} + {Text(b)} = {Text(a + b)}";
        if (tens == 0)
            return whole;
        string first = a < 10 || b < 10 ? "" : $"{Text(a / 10 * 10)} + {Text(b / 10 * 10)} = {Text(tens)}, ";
        return $"{first}{Text(a % 10)} + {Text(b % 10)} = {Text(units)}, {Text(tens)} + {Text(units)} = {Text(a + b)}: {whole}";
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
