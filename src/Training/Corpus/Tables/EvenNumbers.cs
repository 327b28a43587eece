using System.Globalization;

namespace Causerie.Training.Corpus.Tables;

/// <summary>An even number and its half.</summary>
internal sealed class EvenNumbers : ComputedTable
{
    /// <inheritdoc/>
    public override string Name => "even";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } = ["n", "half"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice)
    {
        int half = dice.Next(100) + 1;
        return [Text(2 * half), Text(half)];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
