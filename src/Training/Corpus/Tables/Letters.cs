using System.Globalization;

namespace Causerie.Training.Corpus.Tables;

/// <summary>A letter between the first and the last, and its neighbours.</summary>
internal sealed class Letters : ComputedTable
{
    /// <inheritdoc/>
    public override string Name => "letter";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } = ["letter", "next", "previous", "position"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice)
    {
        int place = dice.Next(24) + 1;
        return
        [
            ((char)('A' + place)).ToString(), ((char)('B' + place)).ToString(), ((char)('@' + place)).ToString(),
            (place + 1).ToString(CultureInfo.InvariantCulture),
        ];
    }
}
