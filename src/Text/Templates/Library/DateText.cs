using System.Globalization;
using System.Text;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

/// <summary>strftime in the C locale.</summary>
internal static class DateText
{
    public static string Format(Render render, DateTime now, Value format)
    {
        if (format is not StringValue pattern)
            throw new TemplateException($"strftime() argument 1 must be str, not {format.TypeName}");
        var text = new StringBuilder();
        for (int i = 0; i < pattern.Text.Length; i++)
        {
            if (pattern.Text[i] != '%' || i + 1 == pattern.Text.Length)
            {
                text.Append(pattern.Text[i]);
                continue;
            }

            char flag = pattern.Text[++i];
            bool bare = flag == '-' && i + 1 < pattern.Text.Length;
            string part = Part(now, bare ? pattern.Text[++i] : flag);
            if (bare && part.TrimStart('0', ' ') is var trimmed)
                part = trimmed.Length == 0 ? "0" : trimmed;
            render.Append(text, part);
        }

        return text.ToString();
    }

    private static string Part(DateTime now, char code) => code switch
    {
        'a' => Name(now, "ddd"),
        'A' => Name(now, "dddd"),
        'b' or 'h' => Name(now, "MMM"),
        'B' => Name(now, "MMMM"),
        'c' => $"{Name(now, "ddd MMM")} {now.Day,2} {Name(now, "HH:mm:ss yyyy")}",
        'C' => $"{now.Year / 100:00}",
        'd' => $"{now.Day:00}",
        'D' => Name(now, "MM/dd/yy"),
        'e' => $"{now.Day,2}",
        'f' => $"{now.Ticks % TimeSpan.TicksPerSecond / 10:000000}",
        'F' => Name(now, "yyyy-MM-dd"),
        'g' => $"{ISOWeek.GetYear(now) % 100:00}",
        'G' => $"{ISOWeek.GetYear(now)}",
        'H' => $"{now.Hour:00}",
        'I' => $"{((now.Hour + 11) % 12) + 1:00}",
        'j' => $"{now.DayOfYear:000}",
        'k' => $"{now.Hour,2}",
        'l' => $"{((now.Hour + 11) % 12) + 1,2}",
        'm' => $"{now.Month:00}",
        'M' => $"{now.Minute:00}",
        'n' => "\n",
        'p' => now.Hour < 12 ? "AM" : "PM",
        'P' => now.Hour < 12 ? "am" : "pm",
        'r' => Name(now, "hh:mm:ss ") + (now.Hour < 12 ? "AM" : "PM"),
        'R' => Name(now, "HH:mm"),
        'S' => $"{now.Second:00}",
        't' => "\t",
        'T' or 'X' => Name(now, "HH:mm:ss"),
        'u' => $"{(((int)now.DayOfWeek + 6) % 7) + 1}",
        'U' => $"{(now.DayOfYear + 6 - (int)now.DayOfWeek) / 7:00}",
        'V' => $"{ISOWeek.GetWeekOfYear(now):00}",
        'w' => $"{(int)now.DayOfWeek}",
        'W' => $"{(now.DayOfYear + 6 - (((int)now.DayOfWeek + 6) % 7)) / 7:00}",
        'x' => Name(now, "MM/dd/yy"),
        'y' => $"{now.Year % 100:00}",
        'Y' => $"{now.Year}",
        'z' or 'Z' => "",
        '%' => "%",
        _ => throw new TemplateException($"strftime: the directive '%{code}' is not supported."),
    };

    private static string Name(DateTime now, string format) => now.ToString(format, CultureInfo.InvariantCulture);
}
