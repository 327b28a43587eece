using System.Globalization;

namespace Causerie.Training.Corpus.Tables;

/// <summary>Two numbers of the multiplication table and their product.</summary>
internal sealed class SmallProducts : ComputedTable
{
    /// <inheritdoc/>
    public override string Name => "product";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } = ["a", "b", "result"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice)
    {
        int a = dice.Next(12) + 1, b = dice.Next(12) + 1;
        return [Text(a), Text(b), Text(a * b)];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
