using System.Globalization;
using System.Text;

namespace Causerie.Training;

/// <summary>Draws the loss over the steps of a training as an SVG picture.</summary>
public static class LossCurve
{
    private const int Width = 860, Height = 420, Left = 64, Right = 20, Top = 48, Bottom = 52;

    /// <summary>The picture.</summary>
    /// <param name="title">What stands above it.</param>
    /// <param name="losses">[step] nats a token.</param>
    public static string Svg(string title, IReadOnlyList<float> losses)
    {
        var text = new StringBuilder();
        Line($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="system-ui, sans-serif" font-size="13">""");
        Line($"""<rect width="{Width}" height="{Height}" fill="#fff"/>""");
        Line($"""<text x="{Left}" y="26" font-size="16" fill="#222">{Escape(title)}</text>""");
        if (losses.Count > 0)
        {
            double top = Math.Ceiling(losses.Max()), bottom = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(1e-4, losses.Min()))));
            Grid(text, bottom, top, losses.Count);
            Curve(text, losses, bottom, top, "#b9c7d8", 1, 1);
            Curve(text, losses, bottom, top, "#1f5fa8", 2, Math.Max(1, losses.Count / 100));
        }
        text.Append("</svg>\n");
        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static void Grid(StringBuilder text, double bottom, double top, int steps)
    {
        foreach (double mark in Marks(bottom, top))
        {
            double y = Y(mark, bottom, top);
            Add($"""<line x1="{Left}" x2="{Width - Right}" y1="{y:0.0}" y2="{y:0.0}" stroke="#e4e4e4"/>""");
            Add($"""<text x="{Left - 8}" y="{y + 4:0.0}" text-anchor="end" fill="#555">{mark:0.####}</text>""");
        }
        for (int i = 0; i <= 5; i++)
        {
            double x = Left + ((Width - Left - Right) * i / 5.0);
            Add($"""<text x="{x:0.0}" y="{Height - Bottom + 20}" text-anchor="middle" fill="#555">{steps * i / 5}</text>""");
        }
        Add($"""<text x="{(Width + Left) / 2}" y="{Height - 10}" text-anchor="middle" fill="#555">step</text>""");
        Add($"""<text x="{Left}" y="{Top - 6}" fill="#555">loss, nats a token (logarithmic)</text>""");

        void Add(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static IEnumerable<double> Marks(double bottom, double top)
    {
        for (double decade = bottom; decade <= top; decade *= 10)
        {
            foreach (int factor in (int[])[1, 2, 5])
            {
                if (decade * factor <= top)
                    yield return decade * factor;
            }
        }
    }

    /// <summary>A line through means of <paramref name="window"/> steps.</summary>
    private static void Curve(
        StringBuilder text, IReadOnlyList<float> losses, double bottom, double top, string colour, int width, int window)
    {
        text.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" points=\"");
        int stride = Math.Max(1, losses.Count / 1600);
        double sum = 0;
        for (int i = 0; i < losses.Count; i++)
        {
            sum += losses[i] - (i >= window ? losses[i - window] : 0);
            if (i % stride != 0)
                continue;
            double mean = sum / Math.Min(i + 1, window);
            double x = Left + ((Width - Left - Right) * (double)i / Math.Max(1, losses.Count - 1));
            text.Append(CultureInfo.InvariantCulture, $"{x:0.0},{Y(mean, bottom, top):0.0} ");
        }
        text.Append("\"/>\n");
    }

    private static double Y(double loss, double bottom, double top)
    {
        double part = Math.Log(Math.Max(loss, bottom) / bottom) / Math.Log(Math.Max(top / bottom, 1.0001));
        return Height - Bottom - ((Height - Bottom - Top) * part);
    }

    private static string Escape(string text) => System.Security.SecurityElement.Escape(text) ?? "";
}
