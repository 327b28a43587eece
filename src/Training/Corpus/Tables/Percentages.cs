using System.Globalization;

namespace Causerie.Training.Corpus.Tables;

/// <summary>A part of an amount.</summary>
internal sealed class Percentages : ComputedTable
{
    /// <inheritdoc/>
    public override string Name => "percent";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } = ["rate", "amount", "expression", "result"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice)
    {
        int rate = dice.Next(99) + 1, amount = 10 * (dice.Next(999) + 1);
        return
        [
            Text(rate), Text(amount), $"{rate} / 100 * {amount}",
            (rate * (decimal)amount / 100).ToString("0.##", CultureInfo.InvariantCulture),
        ];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
