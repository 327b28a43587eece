using System.Numerics;

namespace Causerie.Text.Grammars.Json;

/// <summary>A number's rule in small whole numbers: it tells of most beginnings that they lead on, without fractions of any size.</summary>
internal sealed class SmallRule
{
    private const int MostScale = 15;
    private const int MostCount = 300; // digits, so that an exponent or further digits still reach any bound
    private static readonly Int128 Bound = (Int128)1_000_000_000_000_000;
    private static readonly Int128 MostDigits = Bound * 1000;
    private static readonly Int128 Endless = MostDigits * MostDigits;
    private static readonly Int128[] Powers = [.. Enumerable.Range(0, MostScale + 1).Select(i => (Int128)BigInteger.Pow(10, i))];

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
    /// <param name="digits">The digits.</param>
    /// <param name="scale">How many of them are after the point.</param>
    /// <param name="isOpen">Whether digits before the point may follow.</param>
    public bool GoesOn(bool negative, BigInteger digits, int scale, bool isOpen)
    {
        var (low, high) = negative ? (-_high, -_low) : (_low, _high);
        bool isSmall = digits <= (BigInteger)MostDigits;
        if (isOpen)
            return isSmall ? Reaches((Int128)digits, low, high) : high == Endless && digits < BigInteger.Pow(10, MostCount);
        if (isSmall && scale <= MostScale && _step == 0 && (Int128)digits < high * Powers[scale] && (Int128)digits + 1 > low * Powers[scale])
            return true;
        // With one digit before the point, an exponent makes it as large as one likes.
        return high == Endless && scale <= MostCount && (_step == 0 || _isWhole) && !digits.IsZero && digits < BigInteger.Pow(10, scale + 1);
    }

    private bool Reaches(Int128 digits, Int128 low, Int128 high)
    {
        for (Int128 width = 1; digits < high && digits <= MostDigits; width *= 10, digits *= 10)
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
        number is not { } value || (BigInteger.Abs(value.Numerator) <= (BigInteger)Bound && value.Denominator <= (BigInteger)Bound);

    private static BigInteger Ceiling(Rational value) =>
        -new Rational(-value.Numerator, value.Denominator).FloorIn(new Rational(BigInteger.One, BigInteger.One));
}
