using System.Globalization;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

/// <summary>Python's format mini-language: <c>[[fill]align][sign][#][0][width][,][.precision][type]</c>.</summary>
internal sealed record FormatSpec
{
    public string Fill { get; init; } = " ";

    /// <summary>&lt; &gt; ^ = or, where none is written, NUL.</summary>
    public char Align { get; init; }

    /// <summary>+ - or space, or NUL.</summary>
    public char Sign { get; init; }

    public bool Alternate { get; init; }

    /// <summary>Whether the zero before the width, not a written align, made <see cref="Align"/>.</summary>
    public bool ZeroFlag { get; init; }

    public int Width { get; init; }

    /// <summary>Comma or underscore between thousands, or NUL.</summary>
    public char Group { get; init; }

    public int? Precision { get; init; }

    /// <summary>The presentation type, or NUL.</summary>
    public char Type { get; init; }

    public static FormatSpec Parse(Render render, string text)
    {
        var spec = new FormatSpec();
        int at = 0;
        int fill = text.Length > 0 ? StringValue.Width(text, 0) : 0;
        if (text.Length > fill && "<>^=".Contains(text[fill], StringComparison.Ordinal))
        {
            spec = spec with { Fill = text[..fill], Align = text[fill] };
            at = fill + 1;
        }
        else if (text.Length > 0 && "<>^=".Contains(text[0], StringComparison.Ordinal))
        {
            spec = spec with { Align = text[at++] };
        }

        if (at < text.Length && text[at] is '+' or '-' or ' ')
            spec = spec with { Sign = text[at++] };
        if (at < text.Length && text[at] == '#')
        {
            spec = spec with { Alternate = true };
            at++;
        }

        if (at < text.Length && text[at] == '0')
        {
            spec = spec.Align == '\0' ? spec with { Fill = "0", Align = '=', ZeroFlag = true } : spec with { Fill = at == 0 || spec.Fill == " " ? "0" : spec.Fill };
            at++;
        }

        spec = spec with { Width = Number(render, text, ref at) ?? 0 };
        if (at < text.Length && text[at] is ',' or '_')
            spec = spec with { Group = text[at++] };
        if (at < text.Length && text[at] == '.')
        {
            at++;
            spec = spec with
            {
                Precision = Number(render, text, ref at) ?? throw new TemplateException("Format specifier missing precision"),
            };
        }

        if (at < text.Length)
            spec = spec with { Type = text[at++] };
        return at == text.Length ? spec : throw new TemplateException("Invalid format specifier");
    }

    public string Apply(Value value)
    {
        switch (value)
        {
            case StringValue s:
                return ApplyText(s.Text);
            case BoolValue or IntValue or FloatValue:
                return ApplyNumber(value);
            default:
                throw new TemplateException($"unsupported format string passed to {value.TypeName}.__format__");
        }
    }

    private string ApplyText(string text)
    {
        if (Type is not ('\0' or 's'))
            throw new TemplateException($"Unknown format code '{Type}' for object of type 'str'");
        if (Sign != '\0')
            throw new TemplateException("Sign not allowed in string format specifier");
        if (Alternate)
            throw new TemplateException("Alternate form (#) not allowed in string format specifier");
        if (Group != '\0')
            throw new TemplateException($"Cannot specify '{Group}' with 's'.");
        if (Align == '=' && !ZeroFlag)
            throw new TemplateException("'=' alignment not allowed in string format specifier");
        if (Precision is { } most && StringValue.CodePoints(text) > most)
            text = text[..StringValue.Offset(text, most)];
        return Padded("", text, Align is '\0' or '=' ? '<' : Align);
    }

    private string ApplyNumber(Value value)
    {
        bool isInt = Numbers.TryInt(value, out long whole);
        _ = Numbers.TryDouble(value, out double real);
        string digits = isInt && Type is '\0' or 'd' or 'n' or 'b' or 'o' or 'x' or 'X' or 'c'
            ? Whole(value, isInt, whole)
            : Real(real, isInt);
        bool negative = digits.StartsWith('-');
        string sign = negative ? "-" : Sign is '+' or ' ' ? Sign.ToString() : "";
        digits = negative ? digits[1..] : digits;
        if (Alternate && Type is 'x' or 'X' or 'o' or 'b' && isInt)
            sign += Alternate ? "0" + Type : "";
        if (Group != '\0')
            digits = Grouped(digits, Fill == "0" && Align == '=' ? Width - sign.Length : 0);
        return Padded(sign, digits, Align == '\0' ? '>' : Align);
    }

    private string Whole(Value value, bool isInt, long whole)
    {
        if (!isInt)
            throw new TemplateException($"Unknown format code '{Type}' for object of type '{value.TypeName}'");
        if (Precision is not null)
            throw new TemplateException("Precision not allowed in integer format specifier");
        if (Type == 'c')
            return whole is >= 0 and <= 0x10ffff
                ? char.ConvertFromUtf32((int)whole)
                : throw new TemplateException("%c arg not in range(0x110000)");
        return InRadix(whole, Type);
    }

    /// <summary>A whole number in the base that a format letter stands for.</summary>
    public static string InRadix(long number, char type)
    {
        if (type is '\0' or 'd' or 'n' or 'i' or 'u')
            return number.ToString(CultureInfo.InvariantCulture);
        ulong magnitude = number < 0 ? (ulong)(-(number + 1)) + 1 : (ulong)number;
        string digits = type switch
        {
            'x' => magnitude.ToString("x", CultureInfo.InvariantCulture),
            'X' => magnitude.ToString("X", CultureInfo.InvariantCulture),
            'b' => magnitude.ToString("b", CultureInfo.InvariantCulture),
            _ => magnitude == 0 ? "0" : "",
        };
        for (; type == 'o' && magnitude > 0; magnitude >>= 3)
            digits = (char)('0' + (magnitude & 7)) + digits;
        return number < 0 ? "-" + digits : digits;
    }

    private string Real(double number, bool isInt)
    {
        int precision = Precision ?? 6;
        string text = Type switch
        {
            'f' or 'F' => FloatText.Fixed(number, precision),
            'e' or 'E' => FloatText.Exponent(number, precision),
            'g' or 'G' or 'n' => FloatText.General(number, precision, Alternate),
            '%' => FloatText.Fixed(number * 100, precision) + "%",
            '\0' => Precision is { } p ? FloatText.General(number, p, pointZero: true) : FloatText.Repr(number),
            _ => throw new TemplateException(
                $"Unknown format code '{Type}' for object of type '{(isInt ? "int" : "float")}'"),
        };
        return Type is 'F' or 'E' or 'G' ? text.ToUpperInvariant() : text;
    }

    private string Grouped(string digits, int least)
    {
        if (Group == ',' && Type is 'x' or 'X' or 'o' or 'b' && Group == ',')
            throw new TemplateException($"Cannot specify ',' with '{Type}'.");
        int size = Type is 'x' or 'X' or 'o' or 'b' ? 4 : 3;
        int end = 0;
        while (end < digits.Length && char.IsAsciiHexDigit(digits[end]) && (size == 4 || char.IsAsciiDigit(digits[end])))
            end++;
        string head = digits[..end], tail = digits[end..];
        string grouped = Insert(head, size);
        while (grouped.Length + tail.Length < least)
        {
            head = "0" + head;
            grouped = Insert(head, size);
        }

        return grouped + tail;
    }

    private string Insert(string digits, int size)
    {
        for (int at = digits.Length - size; at > 0; at -= size)
            digits = digits.Insert(at, Group.ToString());
        return digits;
    }

    private string Padded(string sign, string text, char align)
    {
        int missing = Math.Max(Width - sign.Length - StringValue.CodePoints(text), 0);
        int left = align switch { '<' => 0, '^' => missing / 2, _ => missing };
        return align == '='
            ? sign + StringPadding.Fill(Fill, missing) + text
            : StringPadding.Fill(Fill, left) + sign + text + StringPadding.Fill(Fill, missing - left);
    }

    private static int? Number(Render render, string text, ref int at)
    {
        long number = 0;
        int begin = at;
        for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
            number = render.LimitWidth((number * 10) + text[at] - '0', "format width");
        return at == begin ? null : render.CheckWidth(number, "format width");
    }
}
