using System.Globalization;

namespace Causerie.Training.Corpus;

/// <summary>What the books' model says of itself, in numbers: the table <c>about</c>.</summary>
public sealed class About : Table
{
    private static readonly string[] MonthsEn =
    [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ];
    private static readonly string[] MonthsFr =
    [
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre",
    ];

    /// <summary>Its name in slots.</summary>
    public const string TableName = "about";

    private readonly string[] _row;

    private About(string[] row) => _row = row;

    /// <inheritdoc/>
    public override string Name => TableName;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } =
        ["parameters_en", "parameters_fr", "date_en", "date_fr", "size", "size_fr"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice) => _row;

    /// <summary>The table for a model.</summary>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="date">The day that it was made on.</param>
    /// <param name="bytes">Its file's size, nearly.</param>
    public static About Of(long parameters, DateOnly date, long bytes)
    {
        string millions = (parameters / 1e6).ToString("0.0", CultureInfo.InvariantCulture);
        string day = date.Day.ToString(CultureInfo.InvariantCulture), year = date.Year.ToString(CultureInfo.InvariantCulture);
        string megabytes = Math.Round(bytes / 1e6).ToString(CultureInfo.InvariantCulture);
        return new About(
        [
            $"{millions} million", $"{millions.Replace('.', ',')} millions",
            $"{day} {MonthsEn[date.Month - 1]} {year}", $"{(date.Day == 1 ? "1er" : day)} {MonthsFr[date.Month - 1]} {year}",
            $"{megabytes} MB", $"{megabytes} Mo",
        ]);
    }
}
