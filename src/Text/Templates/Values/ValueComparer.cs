namespace Causerie.Text.Templates.Values;

/// <summary>Python's equality of hashable values: 1, 1.0 and True are one key.</summary>
internal sealed class ValueComparer : IEqualityComparer<Value>
{
    public static readonly ValueComparer Instance = new();

    public bool Equals(Value? x, Value? y) => (x, y) switch
    {
        _ when ReferenceEquals(x, y) => true,
        (StringValue a, StringValue b) => a.Text == b.Text,
        (TupleValue a, TupleValue b) => a.Hash == b.Hash && a.Elements.AsSpan().SequenceEqual(b.Elements, this),
        (UndefinedValue, UndefinedValue) => true,
        (RangeValue a, RangeValue b) => SameRange(a, b),
        _ => x is not null && y is not null && SameNumber(x, y),
    };

    public int GetHashCode(Value obj) => obj switch
    {
        StringValue s => s.Text.GetHashCode(StringComparison.Ordinal),
        BoolValue b => Hash(b.Flag ? 1 : 0),
        IntValue i => Hash(i.Number),
        FloatValue f => Numbers.TryExactLong(f.Number, out long whole) ? Hash(whole) : HashCode.Combine(f.Number),
        TupleValue t => t.Hash,
        UndefinedValue => 7,
        RangeValue r => HashCode.Combine(r.Count, r.Count > 0 ? r.Start : 0, r.Count > 1 ? r.Step : 0),
        _ => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj),
    };

    // Seeded by the process, so that a template cannot choose numbers that collide.
    private static int Hash(long number) => HashCode.Combine(number);

    public static bool SameNumber(Value x, Value y)
    {
        if (Numbers.TryInt(x, out long a))
        {
            if (Numbers.TryInt(y, out long b))
                return a == b;
            return y is FloatValue f && Numbers.TryExactLong(f.Number, out long whole) && whole == a;
        }

        if (x is not FloatValue g)
            return false;
        return y is FloatValue h
            ? g.Number == h.Number
            : Numbers.TryInt(y, out long c) && Numbers.TryExactLong(g.Number, out long exact) && exact == c;
    }

    public static bool SameRange(RangeValue a, RangeValue b) =>
        a.Count == b.Count && (a.Count == 0 || (a.Start == b.Start && (a.Count == 1 || a.Step == b.Step)));
}
