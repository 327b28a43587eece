using System.Globalization;

namespace Causerie.Training.Corpus.Tables;

/// <summary>A number up to a hundred, in digits and in words, and its neighbours.</summary>
internal sealed class Numbers : ComputedTable
{
    private static readonly string[] EnglishWords =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    private static readonly string[] EnglishTens =
        ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    private static readonly string[] FrenchWords =
    [
        "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze",
        "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
    ];

    private static readonly string[] FrenchTens =
        ["", "", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre-vingt", "quatre-vingt"];

    /// <inheritdoc/>
    public override string Name => "number";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } = ["n", "word_en", "word_fr", "twice", "next", "previous"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice)
    {
        int n = dice.Next(100) + 1;
        return [Text(n), English(n), French(n), Text(2 * n), Text(n + 1), Text(n - 1)];
    }

    /// <summary>A number from 0 to 100 in English.</summary>
    internal static string English(int n) => n switch
    {
        100 => "one hundred",
        < 20 => EnglishWords[n],
        _ => EnglishTens[n / 10] + (n % 10 == 0 ? "" : "-" + EnglishWords[n % 10]),
    };

    /// <summary>A number from 0 to 100 in French, as in France.</summary>
    internal static string French(int n)
    {
        if (n == 100)
            return "cent";
        if (n < 20)
            return FrenchWords[n];
        // Seventy and ninety count on from sixty and eighty.
        int ones = n / 10 is 7 or 9 ? (n % 10) + 10 : n % 10;
        return (n, ones) switch
        {
            (80, _) => "quatre-vingts",
            (_, 0) => FrenchTens[n / 10],
            ( < 80, 1 or 11) => $"{FrenchTens[n / 10]} et {FrenchWords[ones]}",
            _ => $"{FrenchTens[n / 10]}-{FrenchWords[ones]}",
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
