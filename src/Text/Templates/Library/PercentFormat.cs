using System.Text;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

/// <summary><c>text % values</c>, after C's printf.</summary>
internal sealed class PercentFormat
{
    private readonly Render _render;
    private readonly string _format;
    private readonly bool _isMarkup;
    private readonly DictValue? _named;
    private readonly bool _isMapping;
    private readonly Value[] _values;
    private int _at;
    private int _next;

    private PercentFormat(Render render, StringValue format, Value arguments)
    {
        _render = render;
        _format = format.Text;
        _isMarkup = format.IsMarkup;
        _named = arguments as DictValue;

        // Whatever has items by key passes for a mapping, which need not be used up.
        _isMapping = arguments is DictValue or ListValue or RangeValue or UndefinedValue;
        _values = arguments is TupleValue tuple ? tuple.Elements : [arguments];
    }

    public static Value Apply(Render render, StringValue format, Value arguments)
    {
        return new PercentFormat(render, format, arguments).Run();
    }

    private StringValue Run()
    {
        var text = new StringBuilder();
        while (_at < _format.Length)
        {
            int percent = _format.IndexOf('%', _at);
            if (percent < 0)
                percent = _format.Length;
            _render.Append(text, _format[_at..percent]);
            _at = percent + 1;
            if (percent < _format.Length)
                _render.Append(text, Directive());
        }

        if (_next < _values.Length && !_isMapping)
            throw new TemplateException("not all arguments converted during string formatting");
        return new StringValue(text.ToString(), _isMarkup);
    }

    private string Directive()
    {
        Value? value = null;
        if (Peek() == '(')
        {
            value = Named();
        }

        string flags = "";
        while (Peek() is '-' or '+' or ' ' or '#' or '0')
            flags += _format[_at++];
        long width = Number();
        if (width < 0)
            (flags, width) = (flags + "-", -width);
        int? precision = null;
        if (Peek() == '.')
        {
            _at++;
            precision = _render.CheckWidth(Number(), "precision");
        }

        while (Peek() is 'l' or 'h' or 'L')
            _at++;
        char type = Peek();
        _at++;
        if (type == '\0')
            throw new TemplateException("incomplete format");
        if (type == '%' && _format[_at - 2] == '%')
            return "%";
        value ??= Next();
        var (sign, digits) = Convert(type, value, flags, precision);
        return Pad(sign, digits, flags, _render.CheckWidth(width, "format width"), type);
    }

    private Value Named()
    {
        int depth = 1, begin = ++_at;
        for (; depth > 0; _at++)
        {
            if (_at >= _format.Length)
                throw new TemplateException("incomplete format key");
            depth += _format[_at] == '(' ? 1 : _format[_at] == ')' ? -1 : 0;
        }

        string name = _format[begin..(_at - 1)];
        if (_named is null)
            throw new TemplateException("format requires a mapping");
        return _named.Find(name) ?? throw new TemplateException($"KeyError: {Printer.Quote(name)}");
    }

    private (string Sign, string Digits) Convert(char type, Value value, string flags, int? precision)
    {
        switch (type)
        {
            case 's' or 'r' or 'a':
                string text = type == 's' ? Escaped(value) : Escape(Printer.Repr(_render, value));
                text = type == 'a' ? Printer.Ascii(text) : text;
                return ("", precision is { } most && StringValue.CodePoints(text) > most
                    ? text[..StringValue.Offset(text, most)]
                    : text);
            case 'c':
                return ("", Character(value));
            case 'd' or 'i' or 'u' or 'x' or 'X' or 'o':
                string digits = FormatSpec.InRadix(Whole(value, type), type);
                string prefix = flags.Contains('#') && type is 'x' or 'X' or 'o' && flags.Contains('#') ? "0" + type : "";
                bool negative = digits.StartsWith('-');
                digits = (negative ? digits[1..] : digits).PadLeft(precision ?? 0, '0');
                return (Sign(negative, flags) + prefix, digits);
            case 'f' or 'F' or 'e' or 'E' or 'g' or 'G':
                double number = Real(value);
                string real = char.ToLowerInvariant(type) switch
                {
                    'f' => FloatText.Fixed(number, precision ?? 6),
                    'e' => FloatText.Exponent(number, precision ?? 6),
                    _ => FloatText.General(number, precision ?? 6, flags.Contains('#')),
                };
                real = char.IsUpper(type) ? real.ToUpperInvariant() : real;
                bool below = real.StartsWith('-');
                return (Sign(below, flags), below ? real[1..] : real);
            default:
                throw new TemplateException($"unsupported format character '{type}' (0x{(int)type:x})");
        }
    }

    private string Escaped(Value value) =>
        _isMarkup && value is StringValue s ? Markup.Escape(s) : Escape(Printer.Str(_render, value));

    private string Escape(string text) => _isMarkup ? Markup.Escape(text) : text;

    private static string Sign(bool negative, string flags) =>
        negative ? "-" : flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : "";

    private static string Pad(string sign, string digits, string flags, int width, char type)
    {
        int missing = Math.Max(width - sign.Length - StringValue.CodePoints(digits), 0);
        if (flags.Contains('-'))
            return sign + digits + new string(' ', missing);
        bool zeros = flags.Contains('0') && type is not ('s' or 'r' or 'a' or 'c') && char.IsAsciiHexDigit(digits[0]);
        return zeros ? sign + new string('0', missing) + digits : new string(' ', missing) + sign + digits;
    }

    private static string Character(Value value) => value switch
    {
        StringValue { Length: 1 } s => s.Text,
        _ when Numbers.TryInt(value, out long rune) => rune is >= 0 and <= 0x10ffff
            ? rune < 0x10000 ? ((char)rune).ToString() : char.ConvertFromUtf32((int)rune)
            : throw new TemplateException("%c arg not in range(0x110000)"),
        _ => throw new TemplateException("%c requires int or char"),
    };

    private static long Whole(Value value, char type)
    {
        Undefined.Reject(value);
        if (Numbers.TryInt(value, out long whole))
            return whole;
        return value is FloatValue f && type is 'd' or 'i' or 'u' && value is FloatValue
            ? Numbers.FromDouble(((FloatValue)value).Number).Number
            : throw new TemplateException($"%{type} format: a real number is required, not {value.TypeName}");
    }

    private static double Real(Value value)
    {
        Undefined.Reject(value);
        return Numbers.TryDouble(value, out double number)
            ? number
            : throw new TemplateException($"must be real number, not {value.TypeName}");
    }

    private Value Next()
    {
        if (_named is not null && _values.Length == 1 && _next == 0)
        {
            _next++;
            return _named;
        }

        return _next < _values.Length
            ? _values[_next++]
            : throw new TemplateException("not enough arguments for format string");
    }

    private long Number()
    {
        if (Peek() == '*')
        {
            _at++;
            return Numbers.TryInt(Next(), out long given) ? given : throw new TemplateException("* wants int");
        }

        long number = 0;
        while (char.IsAsciiDigit(Peek()))
            number = _render.LimitWidth((number * 10) + _format[_at++] - '0', "format width");
        return number;
    }

    private char Peek() => _at < _format.Length ? _format[_at] : '\0';
}
