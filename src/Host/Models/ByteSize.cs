using System.Globalization;

namespace Causerie.Host.Models;

/// <summary>Bytes in the units that people read, powers of 1000 as disks are sold.</summary>
public static class ByteSize
{
    /// <summary>What <see cref="TryParse"/> takes, for whoever wrote something else.</summary>
    public const string Forms = "a number with a unit, such as 512MB, 2GB or 1.5GiB";

    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>Such as <c>4.92 GB</c>: three digits that matter.</summary>
    public static string Text(double bytes)
    {
        int unit = 0;
        while (Math.Abs(bytes) >= 999.5 && unit < Units.Length - 1)
        {
            bytes /= 1000;
            unit++;
        }

        string format = unit == 0 || Math.Abs(bytes) >= 99.95 ? "0" : Math.Abs(bytes) >= 9.995 ? "0.0" : "0.00";
        return $"{bytes.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>Reads <see cref="Forms"/>: powers of 1000, and of 1024 where an <c>i</c> says so.</summary>
    /// <param name="text">What a person typed.</param>
    /// <param name="bytes">At least 1 and at most 2⁶³ − 1.</param>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        text = text.Trim();
        int digits = text.AsSpan().IndexOfAnyExceptInRange('.', '9'); // The slash is among them, which no number takes.
        if (digits <= 0 || !decimal.TryParse(
            text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
            return false;
        string unit = text[digits..].TrimStart().ToUpperInvariant();
        bool binary = unit.EndsWith("IB", StringComparison.Ordinal);
        string prefix = binary ? unit[..^2] : unit.EndsWith('B') ? unit[..^1] : unit;
        int power = prefix is "" && unit is "B" ? 0 : "KMGTPE".IndexOf(prefix, StringComparison.Ordinal) + 1;
        if (prefix.Length != (power == 0 ? 0 : 1) || (power == 0 && unit is not "B"))
            return false;
        decimal scale = 1;
        for (int i = 0; i < power; i++)
            scale *= binary ? 1024 : 1000;
        if (number > long.MaxValue / scale || number * scale < 1)
            return false;
        bytes = (long)(number * scale);
        return true;
    }
}
