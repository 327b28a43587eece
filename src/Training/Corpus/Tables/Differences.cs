using System.Globalization;

namespace Causerie.Training.Corpus.Tables;

/// <summary>Two numbers below a hundred, the larger first, their difference, and how it is worked out: tens, then units.</summary>
internal sealed class Differences : ComputedTable
{
    /// <inheritdoc/>
    public override string Name => "difference";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } = ["a", "b", "result", "worked"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice)
    {
        int a = dice.Next(100), b = dice.Next(a + 1);
        return [Text(a), Text(b), Text(a - b), Worked(a, b)];
    }

    /// <summary>Such as <c>74 − 20 = 54, 54 − 9 = 45: 74 − 29 = 45</c>.</summary>
    private static string Worked(int a, int b)
    {
        int tens = b / 10 * 10, units = b % 10;
        string whole = $"{Text(a)} − {Text(b)} = {Text(a - b)}";
        return tens == 0 || units == 0
            ? whole : $"{Text(a)} − {Text(tens)} = {Text(a - tens)}, {Text(a - tens)} − {Text(units)} = {Text(a - b)}: {whole}";
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
