using System.Globalization;

namespace Causerie.Host.Models;

/// <summary>Large counts as people say them: 1.24 B parameters.</summary>
public static class Count
{
    /// <summary>Three digits that matter, with K, M, B or T.</summary>
    public static string Text(long count)
    {
        string[] units = ["", " K", " M", " B", " T"];
        double value = count;
        int unit = 0;
        while (value >= 999.5 && unit < units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        string format = unit == 0 || value >= 99.95 ? "0" : value >= 9.995 ? "0.0" : "0.00";
        return value.ToString(format, CultureInfo.InvariantCulture) + units[unit];
    }
}
