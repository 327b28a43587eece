using System.Globalization;

namespace Causerie.Training.Corpus.Tables;

/// <summary>Two different numbers below a thousand, and which is which.</summary>
internal sealed class Comparisons : ComputedTable
{
    /// <inheritdoc/>
    public override string Name => "compare";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } = ["a", "b", "larger", "smaller"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice)
    {
        int a = dice.Next(1000), b = dice.Next(999);
        b += b >= a ? 1 : 0;
        return [Text(a), Text(b), Text(Math.Max(a, b)), Text(Math.Min(a, b))];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
