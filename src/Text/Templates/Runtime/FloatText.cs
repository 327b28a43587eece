using System.Globalization;
using System.Numerics;
using System.Text;

namespace Causerie.Text.Templates.Runtime;

/// <summary>Floating-point numbers as Python writes them.</summary>
internal static class FloatText
{
    /// <summary>The shortest digits that read back as the same number; an exponent below 1e-4 and from 1e16.</summary>
    public static string Repr(double number)
    {
        if (!double.IsFinite(number))
            return NonFinite(number);
        var (negative, digits, point) = Shortest(number);
        string text = point is > -4 and <= 16 ? Plain(digits, point) : Scientific(digits, point, 2);
        return negative ? "-" + text : text;
    }

    public static string NonFinite(double number) =>
        double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";

    /// <summary>%.Nf: correctly rounded, ties to even on the exact value.</summary>
    public static string Fixed(double number, int decimals)
    {
        if (!double.IsFinite(number))
            return NonFinite(number);
        string digits = Scaled(Math.Abs(number), decimals).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        string sign = double.IsNegative(number) ? "-" : "";
        return decimals == 0 ? sign + digits : $"{sign}{digits[..^decimals]}.{digits[^decimals..]}";
    }

    /// <summary>%.Ne</summary>
    public static string Exponent(double number, int decimals)
    {
        if (!double.IsFinite(number))
            return NonFinite(number);
        var (digits, exponent) = Significant(Math.Abs(number), decimals + 1);
        string mantissa = decimals == 0 ? digits : $"{digits[..1]}.{digits[1..]}";
        string sign = double.IsNegative(number) ? "-" : "";
        return $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    /// <summary>%.Ng; <paramref name="keepZeros"/> is the # flag, <paramref name="pointZero"/> Python's bare format.</summary>
    public static string General(double number, int precision, bool keepZeros = false, bool pointZero = false)
    {
        if (!double.IsFinite(number))
            return NonFinite(number);
        precision = Math.Max(precision, 1);
        var (digits, exponent) = Significant(Math.Abs(number), precision);
        bool scientific = exponent < -4 || exponent >= (pointZero ? precision - 1 : precision);
        if (!keepZeros)
            digits = digits.TrimEnd('0') is { Length: > 0 } trimmed ? trimmed : "0";
        string text;
        if (scientific)
            text = Scientific(digits, exponent + 1, 2);
        else if (exponent < 0)
            text = "0." + new string('0', -exponent - 1) + digits;
        else if (digits.Length > exponent + 1)
            text = $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
        else
            text = digits.PadRight(exponent + 1, '0') + (pointZero ? ".0" : "");
        return double.IsNegative(number) ? "-" + text : text;
    }

    /// <summary>Python's round(number, decimals): the nearest on the exact value, ties to even.</summary>
    public static double Round(double number, int decimals)
    {
        if (!double.IsFinite(number) || decimals > 323)
            return number;
        if (decimals >= 0)
            return double.Parse(Fixed(number, decimals), CultureInfo.InvariantCulture);
        if (decimals < -308)
            return Math.CopySign(0, number);
        var unit = BigInteger.Pow(10, -decimals);
        var (mantissa, exponent) = Parts(Math.Abs(number));
        var divisor = exponent < 0 ? unit << -exponent : unit;
        var rounded = Divide(exponent < 0 ? mantissa : mantissa << exponent, divisor) * unit;
        return Math.CopySign((double)rounded, number);
    }

    private static (bool Negative, string Digits, int Point) Shortest(double number)
    {
        string shortest = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture);
        int e = shortest.IndexOf('E', StringComparison.Ordinal);
        int exponent = e < 0 ? 0 : int.Parse(shortest.AsSpan(e + 1), CultureInfo.InvariantCulture);
        string mantissa = e < 0 ? shortest : shortest[..e];
        int dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        int point = (dot < 0 ? mantissa.Length : dot) + exponent;
        string digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        int zeros = digits.Length - digits.TrimStart('0').Length;
        digits = digits.Trim('0');
        return digits.Length == 0
            ? (double.IsNegative(number), "0", 1)
            : (double.IsNegative(number), digits, point - zeros);
    }

    private static string Plain(string digits, int point)
    {
        if (point <= 0)
            return "0." + new string('0', -point) + digits;
        return digits.Length <= point
            ? digits.PadRight(point, '0') + ".0"
            : $"{digits[..point]}.{digits[point..]}";
    }

    private static string Scientific(string digits, int point, int exponentDigits)
    {
        int exponent = point - 1;
        var text = new StringBuilder(digits[..1]);
        if (digits.Length > 1)
            text.Append('.').Append(digits, 1, digits.Length - 1);
        text.Append('e').Append(exponent < 0 ? '-' : '+');
        return text.Append(Math.Abs(exponent).ToString(CultureInfo.InvariantCulture).PadLeft(exponentDigits, '0')).ToString();
    }

    private static (string Digits, int Exponent) Significant(double number, int count)
    {
        if (number == 0)
            return (new string('0', count), 0);
        int exponent = (int)Math.Floor(Math.Log10(number));
        for (; ; exponent++)
        {
            string digits = Scaled(number, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
            if (digits.Length < count)
                exponent -= 2;
            else if (digits.Length == count)
                return (digits, exponent);
        }
    }

    // number * 10^decimals, to the nearest integer.
    private static BigInteger Scaled(double number, int decimals)
    {
        var (mantissa, exponent) = Parts(number);
        if (decimals >= 0)
            mantissa *= BigInteger.Pow(10, decimals);
        var divisor = decimals < 0 ? BigInteger.Pow(10, -decimals) : BigInteger.One;
        return exponent >= 0 ? Divide(mantissa << exponent, divisor) : Divide(mantissa, divisor << -exponent);
    }

    private static BigInteger Divide(BigInteger dividend, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(dividend, divisor, out var rest);
        int half = (rest * 2).CompareTo(divisor);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static (BigInteger Mantissa, int Exponent) Parts(double number)
    {
        long bits = BitConverter.DoubleToInt64Bits(number);
        int exponent = (int)((bits >> 52) & 0x7ff);
        long mantissa = bits & 0xfffffffffffff;
        return exponent == 0 ? (mantissa, -1074) : (mantissa | 0x10000000000000, exponent - 1075);
    }
}
