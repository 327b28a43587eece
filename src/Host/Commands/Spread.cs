using System.Text.Json;

namespace Causerie.Host.Commands;

/// <summary>The median of some measurements and how far they lie apart.</summary>
internal sealed record Spread(double Median, double Min, double Max)
{
    /// <summary>Of at least one measurement.</summary>
    public static Spread Of(IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        int half = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }

    /// <summary>For programs.</summary>
    public void Write(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject(name);
        json.WriteNumber("median", Math.Round(Median, 3));
        json.WriteNumber("min", Math.Round(Min, 3));
        json.WriteNumber("max", Math.Round(Max, 3));
        json.WriteEndObject();
    }
}
