using System.Numerics;

namespace Causerie.Text.Grammars.Json;

/// <summary>A JSON number that is being written, and whether it can still keep one of its rules.</summary>
/// <remarks>Numbers without rules share one cursor for each place in a number, so that they cost nothing.</remarks>
public sealed class NumberCursor
{
    private const int MostDigits = 400;
    private const int MostExponent = 400;
    private const long MostFew = 100_000_000_000_000_000; // with a digit more than these many still fits

    private static readonly NumberCursor[] Free = [.. Enum.GetValues<Place>().Select(place => new NumberCursor(place, [], []))];

    private readonly Place _place;
    private readonly IReadOnlyList<NumberRule> _rules; // empty for any number
    private readonly SmallRule[] _small; // those that have a shorter way
    private readonly bool _negative;
    private readonly BigInteger _large; // the digits, where _few has not all of them
    private readonly long _few; // the digits as far as they fit, else −1
    private readonly int _scale; // digits after the point
    private readonly int _count;
    private readonly int _exponent;
    private readonly bool _exponentNegative;
    private int _end; // whether the number may end here: 0 while nobody has asked, 1 for yes, 2 for no

    private NumberCursor(Place place, IReadOnlyList<NumberRule> rules, SmallRule[] small) => (_place, _rules, _small) = (place, rules, small);

    private NumberCursor(NumberCursor before, Place place, int digit, int scale, int exponent)
    {
        (_place, _rules, _small, _count) = (place, before._rules, before._small, before._count + 1);
        (_few, _large, _scale, _exponent) = (before._few, before._large, scale, exponent);
        if (digit >= 0)
            (_few, _large) = _few is >= 0 and < MostFew ? ((_few * 10) + digit, BigInteger.Zero) : (-1, (before.Digits * 10) + digit);
        (_negative, _exponentNegative) = (before._negative || place == Place.Minus, before._exponentNegative);
    }

    private NumberCursor(NumberCursor before, bool exponentNegative)
        : this(before, Place.ExponentSign, -1, before._scale, 0) => _exponentNegative = exponentNegative;

    private enum Place
    {
        Start,
        Minus,
        Zero,
        Integer,
        Point,
        Fraction,
        Exponent,
        ExponentSign,
        ExponentDigits,
    }

    /// <summary>A number that is not yet begun.</summary>
    /// <param name="rules">One of them must hold; a rule that any number keeps makes the others idle.</param>
    public static NumberCursor Begin(IReadOnlyList<NumberRule> rules) =>
        rules.Any(rule => rule.IsAny) ? Free[0] : new NumberCursor(Place.Start, rules, [.. rules.Select(SmallRule.Of).OfType<SmallRule>()]);

    /// <summary>Whether the number may end here.</summary>
    public bool CanEnd
    {
        get
        {
            if (_end == 0)
                _end = Ends() ? 1 : 2;
            return _end == 1;
        }
    }

    private BigInteger Digits => _few >= 0 ? _few : _large;

    private Rational Value => Rational.Scaled(_negative ? -Digits : Digits, (_exponentNegative ? -_exponent : _exponent) - _scale);

    /// <summary>The cursor after a byte, or null where no number of the rules goes on so.</summary>
    public NumberCursor? Step(byte next)
    {
        if (Moved(next) is not { } place)
            return null;
        if (_rules.Count == 0)
            return Free[(int)place];
        if (_count >= MostDigits)
            return null;
        var moved = place switch
        {
            Place.Zero or Place.Integer => new NumberCursor(this, place, next - '0', 0, 0),
            Place.Fraction => new NumberCursor(this, place, next - '0', _scale + 1, 0),
            Place.ExponentSign => new NumberCursor(this, next == '-'),
            Place.ExponentDigits => new NumberCursor(this, place, -1, _scale, Math.Min((_exponent * 10) + (next - '0'), 10_000)),
            _ => new NumberCursor(this, place, -1, _scale, 0),
        };
        return moved.CanGoOn() ? moved : null;
    }

    /// <summary>Whether it is known that any digits may come, so many or fewer; "no" says nothing.</summary>
    public bool TakesDigits(int count)
    {
        if (_place is not (Place.Integer or Place.Fraction) || _count + count > MostDigits / 2)
            return false;
        if (_rules.Count == 0)
            return true;
        foreach (var rule in _small)
        {
            if (rule.TakesDigits(_negative, _few, _scale, _place == Place.Integer, count))
                return true;
        }
        return false;
    }

    private Place? Moved(byte next) => (_place, (char)next) switch
    {
        (Place.Start, '-') => Place.Minus,
        (Place.Start or Place.Minus, '0') => Place.Zero,
        (Place.Start or Place.Minus, >= '1' and <= '9') => Place.Integer,
        (Place.Integer, >= '0' and <= '9') => Place.Integer,
        (Place.Zero or Place.Integer, '.') => Place.Point,
        (Place.Point or Place.Fraction, >= '0' and <= '9') => Place.Fraction,
        (Place.Zero or Place.Integer or Place.Fraction, 'e' or 'E') => Place.Exponent,
        (Place.Exponent, '+' or '-') => Place.ExponentSign,
        (Place.Exponent or Place.ExponentSign or Place.ExponentDigits, >= '0' and <= '9') => Place.ExponentDigits,
        _ => null,
    };

    private bool Ends() => _place is Place.Zero or Place.Integer or Place.Fraction or Place.ExponentDigits
        && (_rules.Count == 0 || Math.Abs(_exponent) <= MostExponent && _rules.Any(rule => rule.Holds(Value)));

    private bool CanGoOn() => _place switch
    {
        Place.Minus => _rules.Any(rule => rule.AnyWithin(null, false, default(Rational), false)),
        Place.Exponent => Likely().Any(HoldsShifted),
        Place.ExponentSign => Likely().Where(exponent => exponent == 0 || exponent < 0 == _exponentNegative).Any(HoldsShifted),
        Place.ExponentDigits => Exponents().Any(HoldsShifted),
        _ => Surely() ?? (Plainly() || Scientifically()),
    };

    /// <summary>What rules tell that have a shorter way; null where they cannot tell.</summary>
    private bool? Surely()
    {
        bool arePast = _small.Length == _rules.Count;
        foreach (var rule in _small)
        {
            if (rule.GoesOn(_negative, _few, _scale, _place == Place.Integer))
                return true;
            arePast = arePast && rule.IsPast(_negative, _few, _scale);
        }
        return arePast ? false : null;
    }

    /// <summary>Whether more digits alone can keep a rule.</summary>
    private bool Plainly()
    {
        if (_place != Place.Integer)
            return AnyFrom(Digits, -_scale);
        for (int more = 0; more + _count <= MostDigits; more++)
        {
            // A further digit multiplies the interval by ten; past every bound no further one helps.
            if (AnyFrom(Digits * BigInteger.Pow(10, more), 0, BigInteger.Pow(10, more)))
                return true;
            if (_rules.All(rule => Beyond(rule, Digits * BigInteger.Pow(10, more))))
                return false;
        }
        return false;
    }

    /// <summary>Whether, written with one digit before the point, some exponent keeps a rule.</summary>
    private bool Scientifically()
    {
        if (Digits.IsZero || BigInteger.Abs(Digits) >= BigInteger.Pow(10, _scale + 1))
            return false;
        foreach (int exponent in Likely())
        {
            if (AnyFrom(Digits, exponent - _scale))
                return true;
        }
        return false;
    }

    private bool AnyFrom(BigInteger digits, int exponent, BigInteger? width = null)
    {
        var from = Rational.Scaled(digits, exponent);
        var to = Rational.Scaled(digits + (width ?? BigInteger.One), exponent);
        return _rules.Any(rule => _negative
            ? rule.AnyWithin(Negated(to), true, Negated(from), false) : rule.AnyWithin(from, false, to, true));
    }

    private bool Beyond(NumberRule rule, BigInteger digits) => _negative
        ? rule.Low is { } low && Rational.Scaled(-digits, 0) < low
        : rule.High is { } high && Rational.Scaled(digits, 0) > high;

    private static Rational Negated(Rational value) => new(-value.Numerator, value.Denominator);

    /// <summary>
    /// The exponents that decide: those that bring the digits near a bound, since a larger one keeps steps that a smaller one
    /// keeps, and a smaller one breaks those that it must not be a multiple of; and the ends, where there is no bound.
    /// </summary>
    private SortedSet<int> Likely()
    {
        int digits = BigInteger.Abs(Digits).ToString(System.Globalization.CultureInfo.InvariantCulture).Length - _scale;
        var exponents = new SortedSet<int> { -MostExponent, 0, MostExponent };
        foreach (var rule in _rules)
        {
            foreach (var bound in new[] { rule.Low, rule.High, rule.Step })
            {
                if (bound is not { } value)
                    continue;
                int size = (int)(BigInteger.Log10(BigInteger.Abs(value.Numerator) + BigInteger.One) - BigInteger.Log10(value.Denominator));
                for (int exponent = size - digits - 2; exponent <= size - digits + 3; exponent++)
                    exponents.Add(Math.Clamp(exponent, -MostExponent, MostExponent));
            }
        }
        return exponents;
    }

    /// <summary>The exponents that can still be written.</summary>
    private IEnumerable<int> Exponents()
    {
        int[] ends = [_exponent, .. Enumerable.Range(_exponent * 10, 10), .. Enumerable.Range(_exponent * 100, 100)];
        return ends.Where(end => end <= MostExponent).Select(end => _exponentNegative ? -end : end);
    }

    private bool HoldsShifted(int exponent)
    {
        var value = Rational.Scaled(_negative ? -Digits : Digits, exponent - _scale);
        return _rules.Any(rule => rule.Holds(value));
    }
}
