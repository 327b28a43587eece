using System.Numerics;

namespace Causerie.Text.Grammars.Json;

/// <summary>A number's rule in small whole numbers: it tells of most beginnings that they lead on, without fractions of any size.</summary>
internal sealed class SmallRule
{
    private const int MostScale = 17;
    private static readonly BigInteger Bound = BigInteger.Pow(10, 15);
    private static readonly Int128 Endless = (Int128)BigInteger.Pow(10, 20); // above every bound and its next power of ten
    private static readonly Int128[] Powers = [.. Enumerable.Range(0, MostScale + 1).Select(i => (Int128)BigInteger.Pow(10, i))]; // [scale]

    private readonly Int128 _low; // the rule has every number of its step between these two
    private readonly Int128 _high;
    private readonly Int128 _step; // 0 for none
    private readonly bool _isWhole; // the step; else _step is more than it

    private SmallRule(Int128 low, Int128 high, Int128 step, bool isWhole) => (_low, _high, _step, _isWhole) = (low, high, step, isWhole);

    /// <summary>Of a rule; null where it is not as simple.</summary>
    public static SmallRule? Of(NumberRule rule)
    {
        if (rule.Not.Count > 0 || rule.NotSteps.Count > 0 || !IsSmall(rule.Low) || !IsSmall(rule.High) || !IsSmall(rule.Step))
            return null;
        var low = rule.Low is { } least ? (Int128)Ceiling(least) : -Endless;
        var high = rule.High is { } most ? -(Int128)Ceiling(new Rational(-most.Numerator, most.Denominator)) : Endless;
        return low >= high ? null
            : new SmallRule(low, high, rule.Step is { } step ? (Int128)Ceiling(step) : 0, rule.Step is { IsInteger: true });
    }

    /// <summary>Whether more digits, a fraction or an exponent surely lead to a number of the rule. "No" says nothing.</summary>
    /// <param name="negative">Whether there is a minus.</param>
    /// <param name="digits">The digits; −1 where they are more than 18.</param>
    /// <param name="scale">How many of them are after the point.</param>
    /// <param name="isOpen">Whether digits before the point may follow.</param>
    public bool GoesOn(bool negative, long digits, int scale, bool isOpen)
    {
        if (digits < 0)
            return false;
        var (low, high) = negative ? (-_high, -_low) : (_low, _high);
        if (isOpen)
            return Reaches(digits, low, high);
        if (scale >= Powers.Length)
            return false;
        var power = Powers[scale];
        if (_step == 0 && digits < high * power && digits + 1 > low * power)
            return true;
        // With one digit before the point, an exponent makes it as large as one likes.
        return high == Endless && (_step == 0 || _isWhole) && digits > 0 && digits < 10 * power;
    }

    /// <summary>Whether the number surely is past the rule, whatever follows. "No" says nothing.</summary>
    public bool IsPast(bool negative, long digits, int scale)
    {
        if (digits < 0 || scale >= Powers.Length)
            return false;
        var power = Powers[scale];
        var high = negative ? -_low : _high;

        // An exponent below 0 makes it smaller, but only behind one digit before the point.
        return digits >= 10 * power && digits >= (high + 1) * power;
    }

    /// <summary>Whether after any further digits, so many or fewer, a number of the rule surely follows. "No" says nothing.</summary>
    public bool TakesDigits(bool negative, long digits, int scale, bool isOpen, int count)
    {
        if (digits < 0 || scale + count >= Powers.Length || digits >= Powers[^1] / Powers[count])
            return false;
        var (low, high) = negative ? (-_high, -_low) : (_low, _high);
        var power = Powers[scale];
        bool isWithin = digits > low * power && digits + 1 <= high * power;
        if (isOpen)
            return digits > 0 && (high == Endless || (isWithin && (_step == 0 || (_isWhole && _step == 1)) && (digits + 1) * Powers[count] <= high));
        return _step == 0 ? isWithin : high == Endless && _isWhole && digits > 0 && digits < 10 * power;
    }

    private bool Reaches(Int128 digits, Int128 low, Int128 high)
    {
        for (Int128 width = 1; digits < high && digits <= Endless; width *= 10, digits *= 10)
        {
            if (_step == 0 && digits + width > low)
                return true;
            var room = Int128.Min(digits + width, high) - Int128.Max(digits, low + 1); // of whole numbers, the bounds left out
            if (_step > 0 && room >= _step + (_isWhole ? 0 : 1))
                return true;
        }
        return false;
    }

    private static bool IsSmall(Rational? number) =>
        number is not { } value || (BigInteger.Abs(value.Numerator) <= Bound && value.Denominator <= Bound);

    private static BigInteger Ceiling(Rational value) =>
        -new Rational(-value.Numerator, value.Denominator).FloorIn(new Rational(BigInteger.One, BigInteger.One));
}
