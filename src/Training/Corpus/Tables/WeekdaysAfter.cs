using System.Globalization;

namespace Causerie.Training.Corpus.Tables;

/// <summary>A weekday, and the one some days later.</summary>
internal sealed class WeekdaysAfter : ComputedTable
{
    private static readonly string[] English =
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    private static readonly string[] French = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];

    /// <inheritdoc/>
    public override string Name => "weekday_plus";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } = ["day_en", "day_fr", "n", "result_en", "result_fr"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice)
    {
        int day = dice.Next(7), n = dice.Next(5) + 2, later = (day + n) % 7;
        return [English[day], French[day], n.ToString(CultureInfo.InvariantCulture), English[later], French[later]];
    }
}
