using System.Globalization;

namespace Causerie.Training.Corpus.Tables;

/// <summary>Two numbers below a hundred and their sum.</summary>
internal sealed class Sums : ComputedTable
{
    /// <inheritdoc/>
    public override string Name => "sum";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } = ["a", "b", "result"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice)
    {
        int a = dice.Next(100), b = dice.Next(100);
        return [Text(a), Text(b), Text(a + b)];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
