using System.Globalization;

namespace Causerie.Training.Corpus.Tables;

/// <summary>Two numbers below a hundred, the larger first, and their difference.</summary>
internal sealed class Differences : ComputedTable
{
    /// <inheritdoc/>
    public override string Name => "difference";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } = ["a", "b", "result"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice)
    {
        int a = dice.Next(100), b = dice.Next(a + 1);
        return [Text(a), Text(b), Text(a - b)];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
