namespace Causerie.Text.Templates.Values;

/// <summary>Reading values as numbers the way Python does, where True is 1.</summary>
internal static class Numbers
{
    public static bool TryInt(Value value, out long number)
    {
        switch (value)
        {
            case IntValue i:
                number = i.Number;
                return true;
            case BoolValue b:
                number = b.Flag ? 1 : 0;
                return true;
            default:
                number = 0;
                return false;
        }
    }

    public static bool TryDouble(Value value, out double number)
    {
        if (value is FloatValue f)
        {
            number = f.Number;
            return true;
        }

        bool isInt = TryInt(value, out long whole);
        number = whole;
        return isInt;
    }

    public static bool TryExactLong(double number, out long whole)
    {
        whole = 0;
        if (!(number >= -9223372036854775808.0 && number < 9223372036854775808.0) || Math.Floor(number) != number)
            return false;
        whole = (long)number;
        return true;
    }

    public static IntValue FromDouble(double number)
    {
        if (double.IsNaN(number))
            throw new TemplateException("cannot convert float NaN to integer");
        if (double.IsInfinity(number))
            throw new TemplateException("cannot convert float infinity to integer");
        double whole = Math.Truncate(number);
        return whole is >= -9223372036854775808.0 and < 9223372036854775808.0
            ? IntValue.Of((long)whole)
            : throw Overflow();
    }

    public static TemplateException Overflow() => new("integer overflow: the number does not fit in 64 bits");
}
