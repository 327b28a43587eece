using System.Globalization;
using System.Numerics;

namespace Causerie.Text.Grammars.Json;

/// <summary>An exact fraction, since JSON's numbers are compared by their value and not as floats.</summary>
public readonly struct Rational : IEquatable<Rational>, IComparable<Rational>
{
    private const int MostDigits = 2000;

    private readonly BigInteger _denominator; // 0 in the default value, which stands for 0/1

    /// <summary>A fraction in lowest terms.</summary>
    public Rational(BigInteger numerator, BigInteger denominator)
    {
        var common = BigInteger.GreatestCommonDivisor(numerator, denominator);
        (numerator, denominator) = (numerator / common, denominator / common);
        (Numerator, _denominator) = denominator.Sign < 0 ? (-numerator, -denominator) : (numerator, denominator);
    }

    /// <summary>Above the line.</summary>
    public BigInteger Numerator { get; }

    /// <summary>Below it, above 0.</summary>
    public BigInteger Denominator => _denominator.IsZero ? BigInteger.One : _denominator;

    /// <summary>Whether it is a whole number.</summary>
    public bool IsInteger => Denominator.IsOne;

    /// <summary>The value of a JSON number.</summary>
    /// <param name="text">Such as <c>-1.5e3</c>.</param>
    /// <exception cref="GrammarException">It has too many digits to work with.</exception>
    public static Rational Parse(string text)
    {
        int e = text.IndexOfAny(['e', 'E']);
        int exponent = 0;
        if (e >= 0 && (!int.TryParse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
            || Math.Abs(exponent) > MostDigits))
            throw new GrammarException($"the number {text} is too large or too small.");
        string mantissa = e >= 0 ? text[..e] : text;
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        int scale = point < 0 ? 0 : mantissa.Length - point - 1;
        if (mantissa.Length > MostDigits)
            throw new GrammarException("a number has too many digits.");
        var digits = BigInteger.Parse(mantissa.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        return Scaled(digits, exponent - scale);
    }

    /// <summary>digits · 10^exponent.</summary>
    public static Rational Scaled(BigInteger digits, int exponent) => exponent >= 0
        ? new Rational(digits * BigInteger.Pow(10, exponent), BigInteger.One)
        : new Rational(digits, BigInteger.Pow(10, -exponent));

    /// <summary>The smallest fraction above 0 that both divide without rest.</summary>
    public static Rational LeastCommonMultiple(Rational a, Rational b)
    {
        var left = a.Numerator * b.Denominator;
        var right = b.Numerator * a.Denominator;
        return new Rational(BigInteger.Abs(left / BigInteger.GreatestCommonDivisor(left, right) * right), a.Denominator * b.Denominator);
    }

    /// <summary>Whether it is some whole number of times another one.</summary>
    public bool IsMultipleOf(Rational step) => ((Numerator * step.Denominator) % (Denominator * step.Numerator)).IsZero;

    /// <summary>The largest whole number k with k · step at most this.</summary>
    public BigInteger FloorIn(Rational step)
    {
        var (numerator, denominator) = (Numerator * step.Denominator, Denominator * step.Numerator);
        var quotient = BigInteger.DivRem(numerator, denominator, out var rest);
        return rest.Sign < 0 ? quotient - 1 : quotient;
    }

    /// <summary>The product.</summary>
    public Rational Times(BigInteger factor) => new(Numerator * factor, Denominator);

    /// <summary>The product with a power of ten.</summary>
    public Rational Shifted(int exponent) => exponent >= 0
        ? new Rational(Numerator * BigInteger.Pow(10, exponent), Denominator)
        : new Rational(Numerator, Denominator * BigInteger.Pow(10, -exponent));

    /// <inheritdoc/>
    public int CompareTo(Rational other) => (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);

    /// <inheritdoc/>
    public bool Equals(Rational other) => Numerator == other.Numerator && Denominator == other.Denominator;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Rational other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Numerator, Denominator);

    /// <summary>A JSON number, one for each value that JSON has: whole digits without zeros at their end, and a power of ten.</summary>
    public override string ToString()
    {
        var (digits, denominator, exponent) = (Numerator, Denominator, 0);
        for (; !(denominator.IsOne || exponent < -MostDigits * 2); exponent--)
        {
            var common = BigInteger.GreatestCommonDivisor(denominator, 10);
            digits *= 10 / common;
            denominator /= common;
        }
        for (; !digits.IsZero && (digits % 10).IsZero; exponent++)
            digits /= 10;
        return string.Create(CultureInfo.InvariantCulture, $"{digits}e{exponent}");
    }

    /// <summary>Whether two are the same.</summary>
    public static bool operator ==(Rational left, Rational right) => left.Equals(right);

    /// <summary>Whether two differ.</summary>
    public static bool operator !=(Rational left, Rational right) => !left.Equals(right);

    /// <summary>Whether one is less.</summary>
    public static bool operator <(Rational left, Rational right) => left.CompareTo(right) < 0;

    /// <summary>Whether one is at most the other.</summary>
    public static bool operator <=(Rational left, Rational right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one is more.</summary>
    public static bool operator >(Rational left, Rational right) => left.CompareTo(right) > 0;

    /// <summary>Whether one is at least the other.</summary>
    public static bool operator >=(Rational left, Rational right) => left.CompareTo(right) >= 0;
}
