using System.Globalization;
using System.Numerics;

namespace Causerie.Training.Exams;

/// <summary>What an expression comes to, exactly: whole and decimal numbers, + − × ÷, parentheses, percent.</summary>
public sealed class Arithmetic
{
    private readonly string _text;
    private int _at;

    private Arithmetic(string text) => _text = text;

    /// <summary>The value as a reduced fraction.</summary>
    /// <exception cref="FormatException">It is no expression, or divides by zero.</exception>
    public static (BigInteger Over, BigInteger Under) Value(string text)
    {
        if (text.Length > 1000)
            throw new FormatException("The expression is too long.");
        var reader = new Arithmetic(text.Replace('×', '*').Replace('÷', '/').Replace('−', '-').Replace(" ", "", StringComparison.Ordinal));
        var value = reader.Sum(0);
        return reader._at == reader._text.Length ? value : throw new FormatException($"'{reader._text[reader._at..]}' is left over.");
    }

    private (BigInteger Over, BigInteger Under) Sum(int depth)
    {
        var value = Product(depth);
        while (_at < _text.Length && _text[_at] is '+' or '-')
        {
            int sign = _text[_at++] == '+' ? 1 : -1;
            var next = Product(depth);
            value = Reduce((value.Over * next.Under) + (sign * next.Over * value.Under), value.Under * next.Under);
        }
        return value;
    }

    private (BigInteger Over, BigInteger Under) Product(int depth)
    {
        var value = Factor(depth);
        while (_at < _text.Length && _text[_at] is '*' or '/')
        {
            bool times = _text[_at++] == '*';
            var next = Factor(depth);
            if (!times && next.Over.IsZero)
                throw new FormatException("A division by zero.");
            value = times
                ? Reduce(value.Over * next.Over, value.Under * next.Under)
                : Reduce(value.Over * next.Under, value.Under * next.Over);
        }
        return value;
    }

    private (BigInteger Over, BigInteger Under) Factor(int depth)
    {
        if (depth > 50)
            throw new FormatException("Too many parentheses.");
        if (_at >= _text.Length)
            throw new FormatException("A number is missing at the end.");
        if (_text[_at] is '-' or '+')
        {
            int sign = _text[_at++] == '-' ? -1 : 1;
            var value = Factor(depth + 1);
            return (sign * value.Over, value.Under);
        }
        (BigInteger Over, BigInteger Under) factor;
        if (_text[_at] == '(')
        {
            _at++;
            factor = Sum(depth + 1);
            if (_at >= _text.Length || _text[_at++] != ')')
                throw new FormatException("A parenthesis is not closed.");
        }
        else
        {
            factor = Number();
        }
        if (_at < _text.Length && _text[_at] == '%')
        {
            _at++;
            factor = Reduce(factor.Over, factor.Under * 100);
        }
        return factor;
    }

    private (BigInteger Over, BigInteger Under) Number()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '.'))
            _at++;
        string digits = _text[start.._at];
        int point = digits.IndexOf('.', StringComparison.Ordinal);
        if (digits.Length == 0 || digits == "." || digits.IndexOf('.', point + 1) >= 0)
            throw new FormatException($"A number is missing before '{_text[start..]}'.");
        var whole = BigInteger.Parse(digits.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        return Reduce(whole, point < 0 ? 1 : BigInteger.Pow(10, digits.Length - point - 1));
    }

    private static (BigInteger Over, BigInteger Under) Reduce(BigInteger over, BigInteger under)
    {
        var divisor = BigInteger.GreatestCommonDivisor(over, under) * under.Sign;
        return (over / divisor, under / divisor);
    }
}
