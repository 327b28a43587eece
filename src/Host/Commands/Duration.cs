using System.Globalization;

namespace Causerie.Host.Commands;

/// <summary>Times in the units that people read.</summary>
internal static class Duration
{
    /// <summary>What <see cref="TryParse"/> takes, for whoever wrote something else.</summary>
    public const string Forms = "a number with a unit, such as 90s, 10m or 2h, or 'never'";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

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

    /// <summary>Reads <see cref="Forms"/>; <c>never</c> and 0 are null.</summary>
    /// <param name="text">What a person typed.</param>
    /// <param name="duration">At least a second and at most 24 days, which is as long as timers go.</param>
    public static bool TryParse(string text, out TimeSpan? duration)
    {
        duration = null;
        text = text.Trim();
        if (text is "never" or "0")
            return true;
        double seconds = text is [.., var unit] ? unit switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 } : 0;
        if (seconds == 0 || !double.TryParse(
            text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
            return false;
        seconds *= number;
        if (!(seconds >= 1 && seconds <= Longest.TotalSeconds))
            return false;
        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }

    private static string Number(double value, string format, string unit) =>
        $"{value.ToString(format, CultureInfo.InvariantCulture)} {unit}";
}
