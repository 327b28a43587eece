using System.Globalization;

namespace Causerie.Bench.Comparison.Reporting;

/// <summary>Figures as people like to read them.</summary>
internal static class Units
{
    /// <summary>Tokens each second.</summary>
    public static string Rate(Spread spread) => Text(spread, 1, spread.Median < 100 ? "F1" : "F0", "tok/s");

    /// <summary>Milliseconds.</summary>
    public static string Time(Spread spread) =>
        spread.Median < 1000 ? Text(spread, 1, "F0", "ms") : Text(spread, 1000, "F2", "s");

    /// <summary>Bytes.</summary>
    public static string Size(Spread spread) =>
        spread.Median < 1e9 ? Text(spread, 1e6, "F0", "MB") : Text(spread, 1e9, "F2", "GB");

    /// <summary>A number with the word.</summary>
    public static string Threads(int number) => number == 1 ? "1 thread" : $"{number} threads";

    /// <summary>A ratio with two digits.</summary>
    public static string Ratio(double value) => value.ToString("F2", CultureInfo.InvariantCulture);

    /// <summary>A share in whole percent.</summary>
    public static string Percent(double value) => string.Create(CultureInfo.InvariantCulture, $"{value * 100:F0} %");

    private static string Text(Spread spread, double unit, string format, string name) => spread.Count == 1
        ? $"{(spread.Median / unit).ToString(format, CultureInfo.InvariantCulture)} {name}"
        : $"{spread.Text(unit, format)} {name}";
}
