using System.Globalization;

namespace Causerie.Training.Corpus.Tables;

/// <summary>An amount in one unit and in another, with round results.</summary>
internal sealed class Conversions : ComputedTable
{
    private static readonly (string FromEn, string FromFr, string ToEn, string ToFr, decimal Factor, int Most)[] Units =
    [
        ("kilometres", "kilomètres", "metres", "mètres", 1000, 20),
        ("metres", "mètres", "centimetres", "centimètres", 100, 50),
        ("centimetres", "centimètres", "millimetres", "millimètres", 10, 100),
        ("metres", "mètres", "millimetres", "millimètres", 1000, 20),
        ("metres", "mètres", "kilometres", "kilomètres", 0.001m, 0),
        ("centimetres", "centimètres", "metres", "mètres", 0.01m, 0),
        ("millimetres", "millimètres", "centimetres", "centimètres", 0.1m, 0),
        ("kilograms", "kilogrammes", "grams", "grammes", 1000, 20),
        ("grams", "grammes", "milligrams", "milligrammes", 1000, 20),
        ("tonnes", "tonnes", "kilograms", "kilogrammes", 1000, 20),
        ("grams", "grammes", "kilograms", "kilogrammes", 0.001m, 0),
        ("litres", "litres", "millilitres", "millilitres", 1000, 20),
        ("litres", "litres", "centilitres", "centilitres", 100, 50),
        ("millilitres", "millilitres", "litres", "litres", 0.001m, 0),
        ("minutes", "minutes", "seconds", "secondes", 60, 60),
        ("hours", "heures", "minutes", "minutes", 60, 24),
        ("days", "jours", "hours", "heures", 24, 10),
        ("weeks", "semaines", "days", "jours", 7, 12),
        ("years", "ans", "months", "mois", 12, 10),
    ];

    /// <inheritdoc/>
    public override string Name => "conversion";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } =
        ["n", "from_en", "to_en", "from_fr", "to_fr", "result_en", "result_fr"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice)
    {
        int which = dice.Next(Units.Length + 1);
        if (which == Units.Length)
            return Celsius(dice);
        var unit = Units[which];
        // Down to a smaller unit any amount is round; up to a larger one multiples of a tenth are.
        decimal n = unit.Most > 0 ? dice.Next(unit.Most - 1) + 2 : (dice.Next(98) + 2) * 0.1m / unit.Factor;
        n = decimal.Truncate(n) == n ? n : decimal.Ceiling(n);
        return Row(n, unit.FromEn, unit.ToEn, unit.FromFr, unit.ToFr, n * unit.Factor);
    }

    private static IReadOnlyList<string> Celsius(Dice dice)
    {
        decimal celsius = 5 * dice.Next(21);
        return Row(celsius, "degrees Celsius", "degrees Fahrenheit", "degrés Celsius", "degrés Fahrenheit", (celsius * 9 / 5) + 32);
    }

    private static IReadOnlyList<string> Row(
        decimal n, string fromEn, string toEn, string fromFr, string toFr, decimal result)
    {
        string text = result.ToString("0.####", CultureInfo.InvariantCulture);
        return
        [
            n.ToString("0.####", CultureInfo.InvariantCulture), fromEn, toEn, fromFr, toFr, text, text.Replace('.', ','),
        ];
    }
}
