using System.Globalization;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

/// <summary>Filters that give numbers, or text from numbers.</summary>
internal static class NumberFilters
{
    public static Value Abs(Render _, Value value, Arguments arguments)
    {
        arguments.Bind("abs", []);
        Undefined.Reject(value);
        if (Numbers.TryInt(value, out long whole))
            return whole < 0 ? Arithmetic.Negate(value) : IntValue.Of(whole);
        return value is FloatValue f
            ? new FloatValue(Math.Abs(f.Number))
            : throw new TemplateException($"bad operand type for abs(): '{value.TypeName}'");
    }

    public static Value Int(Render _, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("int", ["default", "base"]);
        var fallback = bound[0] ?? IntValue.Of(0);
        long radix = 10;
        if (bound[1] is { } b && !Numbers.TryInt(b, out radix))
            throw new TemplateException($"'{b.TypeName}' object cannot be interpreted as an integer");
        Undefined.Reject(value);
        if (value is StringValue s)
        {
            if (NumberText.TryInt(s.Text, radix, out var whole))
                return whole;
            return NumberText.TryFloat(s.Text, out double parsed) && double.IsFinite(parsed)
                ? Numbers.FromDouble(parsed)
                : fallback;
        }

        if (Numbers.TryInt(value, out long number))
            return IntValue.Of(number);
        return value is FloatValue f && double.IsFinite(f.Number) ? Numbers.FromDouble(f.Number) : fallback;
    }

    public static Value Float(Render _, Value value, Arguments arguments)
    {
        var fallback = arguments.Bind("float", ["default"])[0] ?? new FloatValue(0);
        Undefined.Reject(value);
        if (value is StringValue s)
            return NumberText.TryFloat(s.Text, out double parsed) ? new FloatValue(parsed) : fallback;
        return Numbers.TryDouble(value, out double number) ? new FloatValue(number) : fallback;
    }

    public static Value Round(Render render, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("round", ["precision", "method"]);
        long precision = 0;
        if (bound[0] is { } p && !Numbers.TryInt(p, out precision))
            throw new TemplateException($"'{p.TypeName}' object cannot be interpreted as an integer");
        string method = bound[1] is null ? "common" : Printer.Str(render, bound[1]!);
        if (method is not ("common" or "ceil" or "floor"))
            throw new TemplateException("method must be common, ceil or floor");
        Undefined.Reject(value);
        if (!Numbers.TryDouble(value, out double number))
            throw new TemplateException($"type {value.TypeName} doesn't define __round__ method");
        int decimals = (int)Math.Clamp(precision, -400, 400);
        if (method == "common")
        {
            if (!Numbers.TryInt(value, out long whole))
                return new FloatValue(FloatText.Round(number, decimals));
            return precision >= 0 ? IntValue.Of(whole) : RoundWhole(whole, decimals);
        }

        double unit = Math.Pow(10, decimals);
        double scaled = number * unit;
        double rounded = method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled);
        if (!double.IsFinite(rounded))
            throw new TemplateException("cannot convert float infinity to integer");
        return new FloatValue(rounded == 0 ? 0 : rounded / unit);
    }

    public static Value Sum(Render render, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("sum", ["attribute", "start"]);
        var path = AttributePath.Of(bound[0]);
        var total = bound[1] ?? IntValue.Of(0);
        if (total is StringValue)
            throw new TemplateException("sum() can't sum strings [use ''.join(seq) instead]");
        foreach (var item in render.Each(value))
            total = Arithmetic.Add(render, total, path.Get(render, item));
        return total;
    }

    public static Value FileSize(Render _, Value value, Arguments arguments)
    {
        bool binary = arguments.Bind("filesizeformat", ["binary"])[0]?.IsTrue == true;
        Undefined.Reject(value);
        double bytes = 0;
        bool known = value is StringValue s ? NumberText.TryFloat(s.Text, out bytes) : Numbers.TryDouble(value, out bytes);
        if (!known)
            throw new TemplateException($"could not convert {value.TypeName} to float");
        double unit = binary ? 1024 : 1000;
        if (bytes == 1)
            return new StringValue("1 Byte");
        if (bytes < unit)
            return new StringValue($"{Numbers.FromDouble(bytes).Number} Bytes");
        string prefixes = binary ? "KMGTPEZY" : "kMGTPEZY";
        int power = 1;
        while (power < prefixes.Length && bytes >= Math.Pow(unit, power + 1))
            power++;
        string amount = FloatText.Fixed(unit * bytes / Math.Pow(unit, power + 1), 1);
        return new StringValue($"{amount} {prefixes[power - 1]}{(binary ? "i" : "")}B");
    }

    private static IntValue RoundWhole(long number, int decimals)
    {
        if (decimals < -18)
            return IntValue.Of(0);
        Int128 unit = (Int128)Math.Pow(10, -decimals), half = unit / 2;
        var magnitude = Int128.Abs(number);
        var (quotient, rest) = Int128.DivRem(magnitude, unit);
        if (rest > half || (rest == half && Int128.IsOddInteger(quotient)))
            quotient++;
        var rounded = quotient * unit * (number < 0 ? -1 : 1);
        return rounded > long.MaxValue || rounded < long.MinValue ? throw Numbers.Overflow() : IntValue.Of((long)rounded);
    }
}

/// <summary>Texts as numbers, by Python's rules for int() and float().</summary>
internal static class NumberText
{
    public static bool TryInt(string text, long radix, out Value value)
    {
        value = NoneValue.Instance;
        if (radix is < 0 or > 36 or 1)
            return false;
        string digits = Letters.Strip(text, null, left: true, right: true);
        bool negative = digits.StartsWith('-');
        if (negative || digits.StartsWith('+'))
            digits = digits[1..];
        if (digits.Length > 1 && digits[0] == '0')
        {
            int prefix = char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 };
            if (prefix != 0 && radix is 0 || prefix == radix)
            {
                radix = prefix;
                digits = digits[2..];
                digits = digits.StartsWith('_') ? digits[1..] : digits;
            }
            else if (radix == 0 && digits.Trim('0', '_').Length > 0)
            {
                return false;
            }
        }

        radix = radix == 0 ? 10 : radix;
        Int128 number = 0;
        bool digitBefore = false, tooLong = false;
        foreach (var rune in digits.EnumerateRunes())
        {
            if (rune.Value == '_' && digitBefore)
            {
                digitBefore = false;
                continue;
            }

            int digit = Letters.IsDecimal(rune.Value)
                ? (int)CharUnicodeInfo.GetNumericValue(rune.ToString(), 0)
                : rune.Value is >= 'a' and <= 'z' ? rune.Value - 'a' + 10
                : rune.Value is >= 'A' and <= 'Z' ? rune.Value - 'A' + 10
                : 99;
            if (digit >= radix)
                return false;
            digitBefore = true;
            number = tooLong ? number : (number * radix) + digit;
            tooLong |= number > (Int128)long.MaxValue + 1;
        }

        if (!digitBefore)
            return false;
        number = negative ? -number : number;
        if (tooLong || number > long.MaxValue)
            throw Numbers.Overflow();
        value = IntValue.Of((long)number);
        return true;
    }

    public static bool TryFloat(string text, out double number)
    {
        string trimmed = Letters.Strip(text, null, left: true, right: true);
        string word = trimmed.TrimStart('+', '-').ToLowerInvariant();
        if (trimmed.Length - word.Length <= 1 && word is "inf" or "infinity" or "nan")
        {
            number = word == "nan" ? double.NaN : trimmed[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        for (int i = trimmed.IndexOf('_', StringComparison.Ordinal); i >= 0; i = trimmed.IndexOf('_', i + 1))
            if (i == 0 || i == trimmed.Length - 1 || !char.IsAsciiDigit(trimmed[i - 1]) || !char.IsAsciiDigit(trimmed[i + 1]))
            {
                number = 0;
                return false;
            }

        return double.TryParse(
            trimmed.Replace("_", "", StringComparison.Ordinal),
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture,
            out number) && !trimmed.Contains('∞') && !trimmed.Contains("NaN", StringComparison.OrdinalIgnoreCase);
    }
}
