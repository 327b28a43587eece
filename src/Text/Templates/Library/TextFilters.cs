using System.Buffers;
using System.Text;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

/// <summary>Filters that give text.</summary>
internal static class TextFilters
{
    private static readonly SearchValues<char> NotInNames = SearchValues.Create(" \t\n\r\f\v/>=");

    /// <summary>The filter that is the text method of the same name.</summary>
    public static Filter Method(string name) => (render, value, arguments) =>
    {
        arguments.Bind(name, []);
        return ((CallableValue)StringMethods.Find(Soft(render, value), name)!).Call(render, Arguments.None);
    };

    public static StringValue Soft(Render render, Value value) =>
        value as StringValue ?? new StringValue(Printer.Str(render, value));

    public static Value String(Render render, Value value, Arguments arguments)
    {
        arguments.Bind("string", []);
        return Soft(render, value);
    }

    public static Value Safe(Render render, Value value, Arguments arguments)
    {
        arguments.Bind("safe", []);
        return new StringValue(Printer.Str(render, value), isMarkup: true);
    }

    public static Value Escape(Render render, Value value, Arguments arguments)
    {
        arguments.Bind("escape", []);
        return render.Text(Markup.Escape(Soft(render, value)), isMarkup: true);
    }

    public static Value ForceEscape(Render render, Value value, Arguments arguments)
    {
        arguments.Bind("forceescape", []);
        return render.Text(Markup.Escape(Printer.Str(render, value)), isMarkup: true);
    }

    public static Value Center(Render render, Value value, Arguments arguments)
    {
        var width = arguments.Bind("center", ["width"])[0] ?? IntValue.Of(80);
        return ((CallableValue)StringMethods.Find(Soft(render, value), "center")!).Call(render, Arguments.Of(width));
    }

    public static Value Trim(Render render, Value value, Arguments arguments)
    {
        var characters = arguments.Bind("trim", ["chars"])[0] ?? NoneValue.Instance;
        return ((CallableValue)StringMethods.Find(Soft(render, value), "strip")!).Call(render, Arguments.Of(characters));
    }

    public static Value Replace(Render render, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("replace", ["old", "new", "count"], 2);
        long count = -1;
        if (bound[2] is { } limit and not NoneValue && !Numbers.TryInt(limit, out count))
            throw new TemplateException($"'{limit.TypeName}' object cannot be interpreted as an integer");
        string text = Printer.Str(render, value);
        return render.Text(StringMethods.Replace(
            render, text, Printer.Str(render, bound[0]!), Printer.Str(render, bound[1]!), count));
    }

    public static Value Format(Render render, Value value, Arguments arguments)
    {
        if (arguments.Positional.Length > 0 && arguments.Named.Length > 0)
            throw new TemplateException("can't handle positional and keyword arguments at the same time");
        if (arguments.Named.Length == 0)
            return PercentFormat.Apply(render, Soft(render, value), new TupleValue(arguments.Positional));
        var named = new DictValue();
        foreach (var (name, argument) in arguments.Named)
            named.Set(name, argument);
        return PercentFormat.Apply(render, Soft(render, value), named);
    }

    public static Value Join(Render render, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("join", ["d", "attribute"]);
        string separator = bound[0] is null ? "" : Printer.Str(render, bound[0]!);
        var attribute = AttributePath.Of(bound[1]);
        var text = new StringBuilder();
        bool first = true;
        foreach (var item in render.Each(value))
        {
            if (!first)
                render.Append(text, separator);
            first = false;
            render.Append(text, Printer.Str(render, attribute.Get(render, item)));
        }

        return new StringValue(text.ToString());
    }

    public static Value Indent(Render render, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("indent", ["width", "first", "blank"]);
        Undefined.Reject(value);
        if (value is not StringValue text)
            throw new TemplateException($"unsupported operand type(s) for +=: '{value.TypeName}' and 'str'");
        string indent = bound[0] switch
        {
            null => "    ",
            StringValue s => s.Text,
            var width when Numbers.TryInt(width, out long n) => new string(' ', render.CheckWidth(n, "indent")),
            var other => throw new TemplateException($"can't multiply sequence by non-int of type '{other.TypeName}'"),
        };
        bool blank = bound[2]?.IsTrue == true;
        var lines = Lines.Split(text.Text + "\n", keepEnds: false);
        render.CheckItems(lines.Count);
        var indented = new StringBuilder();
        for (int i = 0; i < lines.Count; i++)
        {
            if (i > 0)
                indented.Append('\n');
            bool indents = i == 0 ? bound[1]?.IsTrue == true : blank || lines[i].Length > 0;
            if (indents)
                render.Append(indented, indent);
            render.Append(indented, lines[i]);
        }

        return text.With(indented.ToString());
    }

    public static Value Title(Render render, Value value, Arguments arguments)
    {
        arguments.Bind("title", []);
        var text = Soft(render, value);
        render.Reserve(text.Text.Length);
        var titled = new StringBuilder(text.Text.Length);
        bool starts = true;
        for (int i = 0; i < text.Text.Length;)
        {
            int width = StringValue.Width(text.Text, i);
            string letter = text.Text.Substring(i, width);
            bool separates = letter[0] is '-' or '(' or '{' or '[' or '<' || Letters.IsSpace(letter[0]);
            titled.Append(separates ? letter : starts ? Case.Upper(letter) : Case.Lower(letter));
            starts = separates;
            i += width;
        }

        return text.With(titled.ToString());
    }

    public static Value Truncate(Render render, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("truncate", ["length", "killwords", "end", "leeway"]);
        if (value.Length is not { } size)
            throw new TemplateException($"object of type '{value.TypeName}' has no len()");
        string end = bound[2] is null ? "..." : Printer.Str(render, bound[2]!);
        long length = 255, leeway = 5;
        if ((bound[0] is { } l && !Numbers.TryInt(l, out length))
            || (bound[3] is { } w and not NoneValue && !Numbers.TryInt(w, out leeway)))
            throw new TemplateException("truncate: length and leeway must be whole numbers");
        int endLength = StringValue.CodePoints(end);
        if (length < endLength)
            throw new TemplateException($"expected length >= {endLength}, got {length}");
        if (leeway < 0)
            throw new TemplateException($"expected leeway >= 0, got {leeway}");
        if (size <= length + leeway)
            return value;
        var text = value as StringValue
            ?? throw new TemplateException($"can only concatenate {value.TypeName} (not \"str\") to {value.TypeName}");
        string kept = text.Text[..StringValue.Offset(text.Text, (int)(length - endLength))];
        if (bound[1]?.IsTrue != true && kept.LastIndexOf(' ') is >= 0 and var space)
            kept = kept[..space];
        render.Reserve(kept.Length + (long)end.Length);
        return text.With(kept + end);
    }

    public static Value WordCount(Render render, Value value, Arguments arguments)
    {
        arguments.Bind("wordcount", []);
        string text = Soft(render, value).Text;
        render.Charge(text.Length / 16);
        int count = 0;
        bool inside = false;
        foreach (var rune in text.EnumerateRunes())
        {
            bool word = Letters.IsWord(rune.Value);
            count += word && !inside ? 1 : 0;
            inside = word;
        }

        return IntValue.Of(count);
    }

    public static Value StripTags(Render render, Value value, Arguments arguments)
    {
        arguments.Bind("striptags", []);
        string text = Soft(render, value).Text;
        render.Reserve(text.Length);
        text = Remove(text, "<!--", "-->");
        text = Remove(text, "<", ">");
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return new StringValue(Markup.Unescape(string.Join(' ', words)));
    }

    public static Value UrlEncode(Render render, Value value, Arguments arguments)
    {
        arguments.Bind("urlencode", []);
        if (value is StringValue || value.Items is null)
            return render.Text(Quote(Printer.Str(render, value), path: true));
        var pairs = value is DictValue dict
            ? dict.Entries.Select(e => (e.Key, e.Value))
            : render.ToList(value).Select(item => render.ToList(item) is [var k, var v]
                ? (k, v)
                : throw new TemplateException("urlencode: pairs of key and value expected"));
        var text = new StringBuilder();
        foreach (var (key, item) in pairs)
        {
            string pair = Quote(Printer.Str(render, key), path: false) + "=" + Quote(Printer.Str(render, item), path: false);
            render.Append(text, text.Length > 0 ? "&" + pair : pair);
        }

        return new StringValue(text.ToString());
    }

    public static Value XmlAttributes(Render render, Value value, Arguments arguments)
    {
        var autospace = arguments.Bind("xmlattr", ["autospace"])[0];
        var dict = value as DictValue ?? throw new TemplateException($"'{value.TypeName}' object has no attribute 'items'");
        var text = new StringBuilder();
        foreach (var (key, item) in dict.Entries)
        {
            if (item is NoneValue or UndefinedValue)
                continue;
            string name = Soft(render, key).Text;
            if (name.AsSpan().IndexOfAny(NotInNames) >= 0)
                throw new TemplateException($"Invalid character in attribute name: {Printer.Quote(name)}");
            string attribute = $"{Markup.Escape(name)}=\"{Markup.Escape(Soft(render, item))}\"";
            render.Append(text, text.Length > 0 || autospace?.IsTrue != false ? " " + attribute : attribute);
        }

        return new StringValue(text.ToString());
    }

    private static string Remove(string text, string open, string close)
    {
        var kept = new StringBuilder();
        int at = 0;
        while (text.IndexOf(open, at, StringComparison.Ordinal) is >= 0 and var begin
            && text.IndexOf(close, begin, StringComparison.Ordinal) is >= 0 and var end)
        {
            kept.Append(text, at, begin - at);
            at = end + close.Length;
        }

        return kept.Append(text, at, text.Length - at).ToString();
    }

    private static string Quote(string text, bool path)
    {
        var quoted = new StringBuilder(text.Length);
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'_' or (byte)'.' or (byte)'-' or (byte)'~'
                || (path && b == '/'))
                quoted.Append((char)b);
            else if (!path && b == ' ')
                quoted.Append('+');
            else
                quoted.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return quoted.ToString();
    }
}
