using System.Globalization;

namespace Causerie.Training.Corpus.Tables;

/// <summary>A year, and whether it has a 29th of February.</summary>
internal sealed class LeapYears : ComputedTable
{
    /// <inheritdoc/>
    public override string Name => "leap";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } = ["year", "yesno_en", "yesno_fr", "is_en", "is_fr", "days"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice)
    {
        int year = 1900 + dice.Next(201);
        bool leap = DateTime.IsLeapYear(year);
        return
        [
            Text(year), leap ? "Yes" : "No", leap ? "Oui" : "Non", leap ? "is a leap year" : "is not a leap year",
            leap ? "est bissextile" : "n'est pas bissextile", leap ? "366" : "365",
        ];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
