using System.Numerics;

namespace Causerie.Text.Grammars.Json;

/// <summary>What a number must be: an interval, a step, and what it must not be.</summary>
/// <param name="Low">The least, or null.</param>
/// <param name="LowIsOut">Whether the least itself is out.</param>
/// <param name="High">The most, or null.</param>
/// <param name="HighIsOut">Whether the most itself is out.</param>
/// <param name="Step">What it must be a multiple of, or null.</param>
public sealed record NumberRule(Rational? Low, bool LowIsOut, Rational? High, bool HighIsOut, Rational? Step)
{
    private const int MostTried = 200;

    /// <summary>Any number.</summary>
    public static readonly NumberRule Any = new(null, false, null, false, null);

    private static readonly Rational One = new(BigInteger.One, BigInteger.One);

    /// <summary>A whole number.</summary>
    public static NumberRule Integer { get; } = Any with { Step = One };

    /// <summary>Values that it must not have.</summary>
    public IReadOnlyList<Rational> Not { get; init; } = [];

    /// <summary>What it must not be a multiple of.</summary>
    public IReadOnlyList<Rational> NotSteps { get; init; } = [];

    /// <summary>Whether every number will do.</summary>
    public bool IsAny => Low is null && High is null && Step is null && Not.Count == 0 && NotSteps.Count == 0;

    /// <summary>Whether no number will do.</summary>
    public bool IsEmpty => !IsAny && !AnyWithin(null, false, null, false);

    /// <summary>One value.</summary>
    public static NumberRule Exactly(Rational value) => new(value, false, value, false, null);

    /// <summary>Both rules.</summary>
    public NumberRule And(NumberRule other)
    {
        var (low, lowOut) = Tighter(Low, LowIsOut, other.Low, other.LowIsOut, sign: 1);
        var (high, highOut) = Tighter(High, HighIsOut, other.High, other.HighIsOut, sign: -1);
        var step = Step is { } a && other.Step is { } b ? Rational.LeastCommonMultiple(a, b) : Step ?? other.Step;
        return new NumberRule(low, lowOut, high, highOut, step)
        {
            Not = [.. Not.Union(other.Not)],
            NotSteps = [.. NotSteps.Union(other.NotSteps)],
        };
    }

    /// <summary>Whether a number keeps the rule.</summary>
    public bool Holds(Rational value) =>
        (Low is not { } low || (LowIsOut ? value > low : value >= low))
        && (High is not { } high || (HighIsOut ? value < high : value <= high))
        && (Step is not { } step || value.IsMultipleOf(step))
        && !Not.Contains(value) && !NotSteps.Any(value.IsMultipleOf);

    /// <summary>Whether some number between two bounds keeps the rule; null is without bound.</summary>
    public bool AnyWithin(Rational? from, bool fromIsOut, Rational? to, bool toIsOut)
    {
        var (low, lowOut) = Tighter(Low, LowIsOut, from, fromIsOut, sign: 1);
        var (high, highOut) = Tighter(High, HighIsOut, to, toIsOut, sign: -1);
        if (low is { } least && high is { } most)
        {
            if (least > most || (least == most && (lowOut || highOut)))
                return false;
            if (least == most)
                return Holds(least);
        }
        if (Step is not { } step)
            return true; // of the decimals between two numbers only some are in Not or are multiples
        BigInteger? first = low is { } a ? a.FloorIn(step) + (lowOut || !a.IsMultipleOf(step) ? 1 : 0) : null;
        BigInteger? last = high is { } b ? b.FloorIn(step) - (highOut && b.IsMultipleOf(step) ? 1 : 0) : null;
        if (first is null || last is null)
            return NotSteps.Count == 0 || Some(first ?? (last is { } end ? end - MostTried : -MostTried / 2), MostTried, step);
        if (first > last)
            return false;
        return last - first >= Not.Count && NotSteps.Count == 0 ? true
            : Some(first.Value, (int)BigInteger.Min(MostTried, last.Value - first.Value + 1), step);
    }

    /// <inheritdoc/>
    public bool Equals(NumberRule? other) => other is not null && Low == other.Low && LowIsOut == other.LowIsOut
        && High == other.High && HighIsOut == other.HighIsOut && Step == other.Step
        && Not.SequenceEqual(other.Not) && NotSteps.SequenceEqual(other.NotSteps);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Low, LowIsOut, High, HighIsOut, Step, Not.Count, NotSteps.Count);

    private bool Some(BigInteger first, int count, Rational step)
    {
        for (int i = 0; i < count; i++)
        {
            if (Holds(step.Times(first + i)))
                return true;
        }
        return false;
    }

    private static (Rational? Bound, bool IsOut) Tighter(Rational? a, bool aOut, Rational? b, bool bOut, int sign)
    {
        if (a is not { } left || b is not { } right)
            return a is null ? (b, bOut) : (a, aOut);
        int order = left.CompareTo(right) * sign;
        return order > 0 ? (a, aOut) : order < 0 ? (b, bOut) : (a, aOut || bOut);
    }
}
