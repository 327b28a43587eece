using System.Text;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

/// <summary>Texts brought to a width.</summary>
internal static class StringPadding
{
    public static Value Pad(Render render, StringValue self, Arguments arguments, string name)
    {
        var given = arguments.Only(name, 1, 2);
        if (!Numbers.TryInt(given[0], out long wanted))
            throw new TemplateException($"'{given[0].TypeName}' object cannot be interpreted as an integer");
        string fill = given.Length > 1 ? StringMethods.Argument(self, given[1], name) : " ";
        if (StringValue.CodePoints(fill) != 1)
            throw new TemplateException("The fill character must be exactly one character long");
        int length = self.Length!.Value;
        int missing = Math.Max(render.CheckWidth(wanted, name) - length, 0);
        int left = name switch
        {
            "ljust" => 0,
            "rjust" => missing,
            _ => (missing / 2) + (missing & (int)wanted & 1),
        };
        render.Reserve(self.Text.Length + ((long)missing * fill.Length));
        return missing == 0 ? self : self.With(Fill(fill, left) + self.Text + Fill(fill, missing - left));
    }

    public static Value ZeroFill(Render render, Value self, Arguments arguments)
    {
        var text = (StringValue)self;
        var width = arguments.Only("zfill", 1, 1)[0];
        if (!Numbers.TryInt(width, out long wanted))
            throw new TemplateException($"'{width.TypeName}' object cannot be interpreted as an integer");
        int missing = Math.Max(render.CheckWidth(wanted, "zfill") - text.Length!.Value, 0);
        int sign = text.Text.StartsWith('-') || text.Text.StartsWith('+') ? 1 : 0;
        render.Reserve(text.Text.Length + missing);
        return text.With(text.Text[..sign] + new string('0', missing) + text.Text[sign..]);
    }

    public static Value ExpandTabs(Render render, Value self, Arguments arguments)
    {
        var text = (StringValue)self;
        long size = 8;
        if (arguments.Bind("expandtabs", ["tabsize"])[0] is { } given && !Numbers.TryInt(given, out size))
            throw new TemplateException($"'{given.TypeName}' object cannot be interpreted as an integer");
        int tab = render.CheckWidth(size, "expandtabs");
        var expanded = new StringBuilder(text.Text.Length);
        int column = 0;
        foreach (char c in text.Text)
        {
            if (c == '\t')
            {
                int spaces = tab == 0 ? 0 : tab - (column % tab);
                render.Append(expanded, new string(' ', spaces));
                column += spaces;
                continue;
            }

            expanded.Append(c);
            column = c is '\n' or '\r' ? 0 : column + (char.IsLowSurrogate(c) ? 0 : 1);
        }

        return render.Text(expanded.ToString(), text.IsMarkup);
    }

    public static string Fill(string fill, int times) =>
        fill.Length == 1 ? new string(fill[0], times) : string.Concat(Enumerable.Repeat(fill, times));
}
