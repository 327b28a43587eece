using System.Globalization;

namespace Causerie.Bench.Comparison.Reporting;

/// <summary>The median of some figures, the smallest and the largest.</summary>
internal sealed record Spread(double Median, double Min, double Max, int Count)
{
    /// <summary>Of at least one figure.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int half = sorted.Length / 2;
        return new Spread(
            sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2, sorted[0], sorted[^1],
            sorted.Length);
    }

    /// <summary>For people, in some unit: <c>41.6 (40.9–42.0)</c>.</summary>
    public string Text(double unit, string format)
    {
        return $"{Number(Median)} ({Number(Min)}–{Number(Max)})";

        string Number(double value) => (value / unit).ToString(format, CultureInfo.InvariantCulture);
    }
}
