using Causerie.Text.Templates.Library;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Runtime;

/// <summary>The binary and unary operators.</summary>
internal static class Arithmetic
{
    public static Value Add(Render render, Value left, Value right)
    {
        Undefined.Reject(left);
        Undefined.Reject(right);
        switch (left, right)
        {
            case (StringValue a, StringValue b):
                render.Reserve((long)a.Text.Length + b.Text.Length);
                if (a.IsMarkup || b.IsMarkup)
                    return new StringValue(Markup.Escape(a) + Markup.Escape(b), isMarkup: true);
                return new StringValue(a.Text + b.Text);
            case (ListValue a, ListValue b):
                render.CheckItems((long)a.List.Count + b.List.Count);
                return new ListValue([.. a.List, .. b.List]);
            case (TupleValue a, TupleValue b):
                render.CheckItems((long)a.Elements.Length + b.Elements.Length);
                return new TupleValue([.. a.Elements, .. b.Elements]);
        }

        if (Numbers.TryInt(left, out long x) && Numbers.TryInt(right, out long y))
            return Whole((Int128)x + y);
        if (Numbers.TryDouble(left, out double d) && Numbers.TryDouble(right, out double e))
            return new FloatValue(d + e);
        throw left switch
        {
            StringValue => new TemplateException($"can only concatenate str (not \"{right.TypeName}\") to str"),
            ListValue => new TemplateException($"can only concatenate list (not \"{right.TypeName}\") to list"),
            TupleValue => new TemplateException($"can only concatenate tuple (not \"{right.TypeName}\") to tuple"),
            _ => Unsupported("+", left, right),
        };
    }

    public static Value Subtract(Render _, Value left, Value right)
    {
        if (left is DictViewValue { Part: not DictPart.Values })
            throw new TemplateException("Set arithmetic on dictionary views is not supported.");
        return Numeric(left, right, "-", (x, y) => Whole((Int128)x - y), (d, e) => d - e);
    }

    public static Value Multiply(Render render, Value left, Value right)
    {
        Undefined.Reject(left);
        Undefined.Reject(right);
        if (Numbers.TryInt(right, out long times) && left is StringValue or ListValue or TupleValue)
            return Repeat(render, left, times);
        if (Numbers.TryInt(left, out times) && right is StringValue or ListValue or TupleValue)
            return Repeat(render, right, times);
        return Numeric(left, right, "*", (x, y) => Whole((Int128)x * y), (d, e) => d * e);
    }

    public static Value Divide(Render _, Value left, Value right)
    {
        Undefined.Reject(left);
        Undefined.Reject(right);
        if (!Numbers.TryDouble(left, out double d) || !Numbers.TryDouble(right, out double e))
            throw Unsupported("/", left, right);
        if (e == 0)
            throw new TemplateException(left is FloatValue || right is FloatValue
                ? "float division by zero"
                : "division by zero");
        return new FloatValue(d / e);
    }

    public static Value FloorDivide(Render _, Value left, Value right) => Numeric(
        left,
        right,
        "//",
        (x, y) => y == 0
            ? throw new TemplateException("integer division or modulo by zero")
            : Whole(FloorDivideWhole(x, y)),
        (d, e) => e == 0 ? throw new TemplateException("float floor division by zero") : FloorDivide(d, e));

    public static Value Modulo(Render render, Value left, Value right)
    {
        if (left is StringValue format)
            return PercentFormat.Apply(render, format, right);
        return Numeric(
            left,
            right,
            "%",
            (x, y) => y == 0
                ? throw new TemplateException("integer modulo by zero")
                : Whole(x - (FloorDivideWhole(x, y) * y)),
            (d, e) => e == 0 ? throw new TemplateException("float modulo") : FloorModulo(d, e));
    }

    public static Value Power(Render _, Value left, Value right)
    {
        Undefined.Reject(left);
        Undefined.Reject(right);
        if (Numbers.TryInt(left, out long x) && Numbers.TryInt(right, out long y) && y >= 0)
            return Whole(WholePower(x, y));
        if (!Numbers.TryDouble(left, out double d) || !Numbers.TryDouble(right, out double e))
            throw Unsupported("** or pow()", left, right);
        if (d == 0 && e < 0)
            throw new TemplateException("0.0 cannot be raised to a negative power");
        if (d < 0 && Math.Floor(e) != e)
            throw new TemplateException("Complex numbers are not supported: a negative base with a fractional power.");
        double power = Math.Pow(d, e);
        if (double.IsInfinity(power) && !double.IsInfinity(d) && !double.IsInfinity(e))
            throw new TemplateException("Numerical result out of range");
        return new FloatValue(power);
    }

    public static Value Negate(Value value)
    {
        Undefined.Reject(value);
        if (Numbers.TryInt(value, out long x))
            return Whole(-(Int128)x);
        return value is FloatValue f
            ? new FloatValue(-f.Number)
            : throw new TemplateException($"bad operand type for unary -: '{value.TypeName}'");
    }

    public static Value Plus(Value value)
    {
        Undefined.Reject(value);
        if (Numbers.TryInt(value, out long x))
            return IntValue.Of(x);
        return value is FloatValue
            ? value
            : throw new TemplateException($"bad operand type for unary +: '{value.TypeName}'");
    }

    public static double FloorModulo(double d, double e)
    {
        double rest = d % e;
        if (rest != 0 && (e < 0) != (rest < 0))
            rest += e;
        else if (rest == 0)
            rest = Math.CopySign(0, e);
        return rest;
    }

    private static double FloorDivide(double d, double e)
    {
        double rest = d % e;
        double quotient = (d - rest) / e;
        if (rest != 0 && (e < 0) != (rest < 0))
            quotient -= 1;
        if (quotient == 0)
            return Math.CopySign(0, d / e);
        double floor = Math.Floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    private static Int128 FloorDivideWhole(Int128 x, Int128 y)
    {
        var quotient = x / y;
        return x % y != 0 && (x < 0) != (y < 0) ? quotient - 1 : quotient;
    }

    private static Int128 WholePower(Int128 x, long y)
    {
        Int128 power = 1;
        if (x == 0 || x == 1 || x == -1)
            return y == 0 ? 1 : x == -1 && y % 2 == 0 ? 1 : x;
        for (; y > 0; y--)
        {
            power *= x;
            if (power > long.MaxValue || power < long.MinValue)
                throw Numbers.Overflow();
        }

        return power;
    }

    private static Value Numeric(
        Value left,
        Value right,
        string symbol,
        Func<long, long, Value> whole,
        Func<double, double, double> real)
    {
        Undefined.Reject(left);
        Undefined.Reject(right);
        if (Numbers.TryInt(left, out long x) && Numbers.TryInt(right, out long y))
            return whole(x, y);
        if (Numbers.TryDouble(left, out double d) && Numbers.TryDouble(right, out double e))
            return new FloatValue(real(d, e));
        throw symbol == "*" && (left is StringValue or ListValue or TupleValue)
            ? new TemplateException($"can't multiply sequence by non-int of type '{right.TypeName}'")
            : Unsupported(symbol, left, right);
    }

    private static IntValue Whole(Int128 number) =>
        number > long.MaxValue || number < long.MinValue ? throw Numbers.Overflow() : IntValue.Of((long)number);

    private static Value Repeat(Render render, Value value, long times)
    {
        times = Math.Max(times, 0);
        if (value is StringValue s)
        {
            render.Reserve((long)Int128.Min((Int128)s.Text.Length * times, long.MaxValue));
            return s.With(s.Text.Length == 0 ? "" : new System.Text.StringBuilder().Insert(0, s.Text, (int)times).ToString());
        }

        IList<Value> items = value is ListValue list ? list.List : ((TupleValue)value).Elements;
        render.CheckItems((long)Int128.Min((Int128)items.Count * times, int.MaxValue));
        var repeated = new List<Value>();
        for (long i = 0; i < times && items.Count > 0; i++)
            repeated.AddRange(items);
        return value is ListValue ? new ListValue(repeated) : new TupleValue([.. repeated]);
    }

    private static TemplateException Unsupported(string symbol, Value left, Value right) =>
        new($"unsupported operand type(s) for {symbol}: '{left.TypeName}' and '{right.TypeName}'");
}
