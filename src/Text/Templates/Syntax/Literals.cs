using System.Globalization;
using System.Text;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Syntax;

/// <summary>Quoted texts with Python's escapes.</summary>
internal static class StringLiteral
{
    /// <summary>Reads the literal at <paramref name="at"/> and moves behind it.</summary>
    public static string Read(string source, ref int at)
    {
        char quote = source[at];
        var text = new StringBuilder();
        int i = at + 1;
        while (i < source.Length && source[i] != quote)
        {
            if (source[i] != '\\')
            {
                int plain = source.AsSpan(i).IndexOfAny(quote, '\\');
                plain = plain < 0 ? source.Length - i : plain;
                text.Append(source, i, plain);
                i += plain;
                continue;
            }

            if (++i >= source.Length)
                break;
            i = Escape(source, i, text);
        }

        if (i >= source.Length)
            throw new TemplateException($"unexpected char \"{quote}\": the text is not closed");
        at = i + 1;
        return text.ToString();
    }

    private static int Escape(string source, int i, StringBuilder text)
    {
        char c = source[i];
        switch (c)
        {
            case '\n':
                return i + 1;
            case 'x':
                return Hex(source, i, 2, text);
            case 'u':
                return Hex(source, i, 4, text);
            case 'U':
                return Hex(source, i, 8, text);
            case 'N':
                throw new TemplateException("Named characters (\\N{…}) in texts are not supported.");
            case >= '0' and <= '7':
                int value = 0, digits = 0;
                for (; digits < 3 && i < source.Length && source[i] is >= '0' and <= '7'; digits++, i++)
                    value = (value * 8) + source[i] - '0';
                text.Append((char)value);
                return i;
        }

        int known = "\\'\"abfnrtv".IndexOf(c, StringComparison.Ordinal);
        if (known >= 0)
            text.Append("\\'\"\a\b\f\n\r\t\v"[known]);
        else
            text.Append('\\').Append(c);
        return i + 1;
    }

    private static int Hex(string source, int i, int digits, StringBuilder text)
    {
        if (i + digits >= source.Length
            || !uint.TryParse(source.AsSpan(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint rune))
            throw new TemplateException($"truncated \\{source[i]} escape");
        if (rune > 0x10ffff)
            throw new TemplateException("illegal Unicode character");
        if (rune < 0x10000)
            text.Append((char)rune);
        else
            text.Append(char.ConvertFromUtf32((int)rune));
        return i + 1 + digits;
    }
}

/// <summary>Whole and floating-point numbers in the source.</summary>
internal static class NumberLiteral
{
    public static (TokenKind Kind, int End) Scan(string source, int at)
    {
        bool afterDot = at > 0 && source[at - 1] == '.';
        int whole = Digits(source, at, char.IsAsciiDigit);
        if (!afterDot)
        {
            int end = whole;
            if (Peek(source, end) == '.' && char.IsAsciiDigit(Peek(source, end + 1)))
                end = Digits(source, end + 1, char.IsAsciiDigit);
            if (Peek(source, end) is 'e' or 'E')
            {
                int power = end + (Peek(source, end + 1) is '+' or '-' ? 2 : 1);
                if (char.IsAsciiDigit(Peek(source, power)))
                    end = Digits(source, power, char.IsAsciiDigit);
            }

            if (end > whole)
                return (TokenKind.Float, end);
        }

        if (source[at] != '0')
            return (TokenKind.Integer, whole);
        Func<char, bool>? digit = Peek(source, at + 1) switch
        {
            'x' or 'X' => char.IsAsciiHexDigit,
            'o' or 'O' => c => c is >= '0' and <= '7',
            'b' or 'B' => c => c is '0' or '1',
            _ => null,
        };
        int first = Peek(source, at + 2) == '_' ? at + 3 : at + 2;
        if (digit is not null && digit(Peek(source, first)))
            return (TokenKind.Integer, Digits(source, first, digit));
        return (TokenKind.Integer, Digits(source, at, c => c == '0'));
    }

    public static Value Integer(string text)
    {
        Int128 number = 0;
        int radix = text.Length < 2 ? 10 : char.ToLowerInvariant(text[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 10 };
        foreach (char c in radix == 10 ? text : text[2..])
        {
            number = (number * radix) + (char.IsAsciiDigit(c) ? c - '0' : char.ToLowerInvariant(c) - 'a' + 10);
            if (number > long.MaxValue)
                throw Numbers.Overflow();
        }

        return IntValue.Of((long)number);
    }

    public static Value Real(string text) => new FloatValue(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));

    private static int Digits(string source, int at, Func<char, bool> digit)
    {
        while (digit(Peek(source, at)) || (Peek(source, at) == '_' && digit(Peek(source, at + 1))))
            at++;
        return at;
    }

    private static char Peek(string source, int at) => at < source.Length ? source[at] : '\0';
}
