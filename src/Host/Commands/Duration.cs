using System.Globalization;

namespace Causerie.Host.Commands;

/// <summary>Times in the units that people read.</summary>
internal static class Duration
{
    /// <summary>Such as <c>412 ms</c>, <c>1.84 s</c> or <c>3.5 min</c>: three digits that matter.</summary>
    public static string Text(double milliseconds) => milliseconds switch
    {
        < 9.995 => Number(milliseconds, "0.00", "ms"),
        < 99.95 => Number(milliseconds, "0.0", "ms"),
        < 999.5 => Number(milliseconds, "0", "ms"),
        < 9_995 => Number(milliseconds / 1e3, "0.00", "s"),
        < 99_950 => Number(milliseconds / 1e3, "0.0", "s"),
        _ => Number(milliseconds / 60e3, "0.0", "min"),
    };

    private static string Number(double value, string format, string unit) =>
        $"{value.ToString(format, CultureInfo.InvariantCulture)} {unit}";
}
