using System.Text;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

/// <summary><c>"{} {name!r:>8}".format(…)</c>; attributes and items go the sandbox's way.</summary>
internal sealed class BraceFormat
{
    private readonly Render _render;
    private readonly Value[] _positional;
    private readonly Func<string, Value?> _named;
    private readonly bool _isMarkup;
    private int _next;
    private bool _numbered;

    private BraceFormat(Render render, bool isMarkup, Value[] positional, Func<string, Value?> named)
    {
        _render = render;
        _isMarkup = isMarkup;
        _positional = positional;
        _named = named;
    }

    public static Value Format(Render render, Value self, Arguments arguments)
    {
        var text = (StringValue)self;
        var named = arguments.Named;
        var format = new BraceFormat(
            render, text.IsMarkup, arguments.Positional, name => Array.Find(named, n => n.Key == name).Value);
        return new StringValue(format.Run(text.Text, 2), text.IsMarkup);
    }

    public static Value FormatMap(Render render, Value self, Arguments arguments)
    {
        var text = (StringValue)self;
        var map = arguments.Only("format_map", 1, 1)[0] as DictValue
            ?? throw new TemplateException("format_map: a mapping is required");
        return new StringValue(new BraceFormat(render, text.IsMarkup, [], map.Find).Run(text.Text, 2), text.IsMarkup);
    }

    private string Run(string format, int depth)
    {
        if (depth == 0)
            throw new TemplateException("Max string recursion exceeded");
        var text = new StringBuilder();
        for (int i = 0; i < format.Length;)
        {
            int brace = format.AsSpan(i).IndexOfAny('{', '}');
            brace = brace < 0 ? format.Length : brace + i;
            _render.Append(text, format[i..brace]);
            if (brace == format.Length)
                break;
            char c = format[brace];
            if (brace + 1 < format.Length && format[brace + 1] == c)
            {
                _render.Append(text, c.ToString());
                i = brace + 2;
                continue;
            }

            if (c == '}')
                throw new TemplateException("Single '}' encountered in format string");
            int end = FieldEnd(format, brace + 1);
            _render.Append(text, Field(format[(brace + 1)..end], depth));
            i = end + 1;
        }

        return text.ToString();
    }

    private static int FieldEnd(string format, int at)
    {
        int depth = 1;
        bool bracket = false;
        for (; at < format.Length; at++)
        {
            bracket = format[at] == '[' ? depth == 1 : bracket && format[at] != ']';
            if (bracket)
                continue;
            depth += format[at] == '{' ? 1 : format[at] == '}' ? -1 : 0;
            if (depth == 0)
                return at;
        }

        throw new TemplateException("expected '}' before end of string");
    }

    private string Field(string field, int depth)
    {
        int bracket = 0, end = field.Length;
        for (int i = 0; i < field.Length && end == field.Length; i++)
        {
            bracket += field[i] == '[' ? 1 : field[i] == ']' ? -1 : 0;
            if (bracket == 0 && field[i] is ':' or '!' && bracket == 0)
                end = i;
        }

        var value = Value(field[..end]);
        string rest = field[end..];
        if (rest.StartsWith('!'))
        {
            if (rest.Length < 2 || (rest.Length > 2 && rest[2] != ':'))
                throw new TemplateException("expected ':' after conversion specifier");
            value = rest[1] switch
            {
                's' => new StringValue(Printer.Str(_render, value)),
                'r' => new StringValue(Printer.Repr(_render, value)),
                'a' => new StringValue(Printer.Ascii(Printer.Repr(_render, value))),
                _ => throw new TemplateException($"Unknown conversion specifier {rest[1]}"),
            };
            rest = rest[2..];
        }

        string spec = rest.StartsWith(':') ? Run(rest[1..], depth - 1) : "";
        string text = spec.Length == 0
            ? Printer.Str(_render, value)
            : FormatSpec.Parse(_render, spec).Apply(value);
        return _isMarkup && value is not StringValue { IsMarkup: true } ? Markup.Escape(text) : text;
    }

    private Value Value(string path)
    {
        int end = path.AsSpan().IndexOfAny('.', '[');
        end = end < 0 ? path.Length : end;
        var value = First(path[..end]);
        for (int i = end; i < path.Length;)
        {
            if (path[i] == '.')
            {
                int stop = path.AsSpan(i + 1).IndexOfAny('.', '[');
                stop = stop < 0 ? path.Length : stop + i + 1;
                if (stop == i + 1)
                    throw new TemplateException("Empty attribute in format string");
                value = Lookup.Attribute(_render, value, path[(i + 1)..stop]);
                i = stop;
                continue;
            }

            int close = path[i] == '[' ? path.IndexOf(']', i) : throw new TemplateException(
                "Only '.' or '[' may follow ']' in format field specifier");
            if (close < 0)
                throw new TemplateException("Missing ']' in format string");
            string key = path[(i + 1)..close];
            if (key.Length == 0)
                throw new TemplateException("Empty attribute in format string");
            value = Lookup.Item(_render, value, IsNumber(key, out int index) ? IntValue.Of(index) : new StringValue(key));
            i = close + 1;
        }

        return value;
    }

    private Value First(string name)
    {
        if (name.Length > 0 && !IsNumber(name, out _))
            return _named(name) ?? throw new TemplateException($"KeyError: {Printer.Quote(name)}");
        int index;
        if (name.Length == 0)
        {
            if (_numbered)
                throw new TemplateException("cannot switch from manual field specification to automatic field numbering");
            index = _next++;
        }
        else
        {
            if (_next > 0)
                throw new TemplateException("cannot switch from automatic field numbering to manual field specification");
            _numbered = true;
            _ = IsNumber(name, out index);
        }

        return index < _positional.Length
            ? _positional[index]
            : throw new TemplateException($"Replacement index {index} out of range for positional args tuple");
    }

    private static bool IsNumber(string text, out int number)
    {
        number = 0;
        return text.All(char.IsAsciiDigit)
            && int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out number);
    }
}
