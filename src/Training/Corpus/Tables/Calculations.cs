using System.Globalization;

namespace Causerie.Training.Corpus.Tables;

/// <summary>Two numbers too large for the head, an operation, and the result.</summary>
internal sealed class Calculations : ComputedTable
{
    /// <inheritdoc/>
    public override string Name => "calculation";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } =
        ["a", "b", "symbol", "word_en", "word_fr", "expression", "result"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice)
    {
        long a = Number(dice, 100), b = Number(dice, 10);
        return dice.Next(4) switch
        {
            0 => Row(a, b, "+", "plus", "plus", a + b),
            1 => Row(Math.Max(a, b), Math.Min(a, b), "-", "minus", "moins", Math.Abs(a - b)),
            2 => Row(a, b, "*", "times", "fois", a * b),
            _ => Row(a * (b % 1000 + 2), b % 1000 + 2, "/", "divided by", "divisé par", a),
        };
    }

    /// <summary>Up to six digits, each length as often.</summary>
    private static long Number(Dice dice, int least)
    {
        for (int digits = dice.Next(least == 10 ? 5 : 4); digits > 0; digits--)
            least *= 10;
        return least + dice.Next(9 * least);
    }

    private static IReadOnlyList<string> Row(long a, long b, string symbol, string english, string french, long result) =>
        [Text(a), Text(b), symbol, english, french, $"{a} {symbol} {b}", Text(result)];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
