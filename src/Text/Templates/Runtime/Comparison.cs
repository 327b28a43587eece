using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Runtime;

/// <summary>Equality, order and membership as Python defines them.</summary>
internal static class Comparison
{
    public static bool AreEqual(Render render, Value left, Value right)
    {
        if (ReferenceEquals(left, right))
            return left is not FloatValue { Number: double.NaN };
        switch (left, right)
        {
            case (StringValue a, StringValue b):
                render.Charge(1 + (Math.Min(a.Text.Length, b.Text.Length) / 64));
                return a.Text == b.Text;
            case (ListValue a, ListValue b):
                return SameItems(render, a.List, b.List);
            case (TupleValue a, TupleValue b):
                return SameItems(render, a.Elements, b.Elements);
            case (DictValue a, DictValue b):
                return SameEntries(render, a, b);
            case (UndefinedValue, UndefinedValue):
                return true;
            case (RangeValue a, RangeValue b):
                return ValueComparer.SameRange(a, b);
            case (DictViewValue { Part: not DictPart.Values } a, DictViewValue { Part: not DictPart.Values } b):
                return a.Length == b.Length && a.Items.All(item => Contains(render, b, item));
            case (MethodValue a, MethodValue b):
                return ReferenceEquals(a.Self, b.Self) && a.Name == b.Name;
            default:
                return ValueComparer.SameNumber(left, right);
        }
    }

    /// <summary>Negative, zero or positive; <paramref name="symbol"/> is for the message of unordered types.</summary>
    public static int Order(Render render, Value left, Value right, string symbol)
    {
        Undefined.Reject(left);
        Undefined.Reject(right);
        switch (left, right)
        {
            case (StringValue a, StringValue b):
                render.Charge(1 + (Math.Min(a.Text.Length, b.Text.Length) / 64));
                return OrderText(a.Text, b.Text);
            case (ListValue a, ListValue b):
                return OrderItems(render, a.List, b.List, symbol);
            case (TupleValue a, TupleValue b):
                return OrderItems(render, a.Elements, b.Elements, symbol);
        }

        if (Numbers.TryInt(left, out long x) && Numbers.TryInt(right, out long y))
            return x.CompareTo(y);
        if (Numbers.TryDouble(left, out double d) && Numbers.TryDouble(right, out double e))
            return d < e ? -1 : d > e ? 1 : d == e ? 0 : symbol[0] == '<' ? 1 : -1;
        throw new TemplateException(
            $"'{symbol}' not supported between instances of '{left.TypeName}' and '{right.TypeName}'");
    }

    public static bool Contains(Render render, Value container, Value item)
    {
        render.Read(item);
        switch (container)
        {
            case StringValue text:
                if (item is not StringValue sought)
                    throw new TemplateException(
                        $"'in <string>' requires string as left operand, not {item.TypeName}");
                render.Search(text.Text, sought.Text);
                return text.Text.Contains(sought.Text, StringComparison.Ordinal);
            case DictValue dict:
                return dict.Find(item) is not null;
            case DictViewValue { Part: DictPart.Keys } keys:
                return keys.Dict.Find(item) is not null;
            case RangeValue range when Numbers.TryInt(item, out long number):
                return range.Contains(number);
        }

        if (container.Items is null)
            throw new TemplateException($"argument of type '{container.TypeName}' is not iterable");
        foreach (var candidate in render.Each(container))
            if (ReferenceEquals(candidate, item) || AreEqual(render, candidate, item))
                return true;
        return false;
    }

    // Code points, not UTF-16 units: the two differ where a surrogate meets U+E000 and above.
    private static int OrderText(string a, string b)
    {
        int common = a.AsSpan().CommonPrefixLength(b);
        if (common == a.Length || common == b.Length)
            return a.Length.CompareTo(b.Length);
        char x = a[common], y = b[common];
        bool high = char.IsSurrogate(x), alsoHigh = char.IsSurrogate(y);
        return high == alsoHigh ? x.CompareTo(y) : high ? 1 : -1;
    }

    private static bool SameItems(Render render, IList<Value> a, IList<Value> b)
    {
        if (a.Count != b.Count)
            return false;
        render.Enter();
        render.Charge(a.Count);
        for (int i = 0; i < a.Count; i++)
            if (!ReferenceEquals(a[i], b[i]) && !AreEqual(render, a[i], b[i]))
            {
                render.Leave();
                return false;
            }

        render.Leave();
        return true;
    }

    private static bool SameEntries(Render render, DictValue a, DictValue b)
    {
        if (a.Count != b.Count)
            return false;
        render.Enter();
        render.Charge(a.Count);
        bool same = a.Entries.All(entry => b.Find(entry.Key) is { } other
            && (ReferenceEquals(entry.Value, other) || AreEqual(render, entry.Value, other)));
        render.Leave();
        return same;
    }

    private static int OrderItems(Render render, IList<Value> a, IList<Value> b, string symbol)
    {
        render.Enter();
        int common = Math.Min(a.Count, b.Count);
        render.Charge(common);
        int order = 0;
        bool decided = false;
        for (int i = 0; i < common && !decided; i++)
            if (!ReferenceEquals(a[i], b[i]) && !AreEqual(render, a[i], b[i]))
            {
                order = Order(render, a[i], b[i], symbol);
                decided = true;
            }

        render.Leave();
        return decided ? order : a.Count.CompareTo(b.Count);
    }
}

/// <summary>The guard that undefined values are stopped at when they are used.</summary>
internal static class Undefined
{
    public static void Reject(Value value)
    {
        if (value is UndefinedValue undefined)
            throw undefined.Error();
    }
}
