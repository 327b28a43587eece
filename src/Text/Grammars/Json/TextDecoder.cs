namespace Causerie.Text.Grammars.Json;

/// <summary>Where a JSON string's bytes stand between two code points: in an escape, or in a character of several bytes.</summary>
/// <param name="Place">What is expected.</param>
/// <param name="Value">The bits so far.</param>
/// <param name="Left">Bytes or hexadecimal digits still to come.</param>
/// <param name="High">The first half of a surrogate pair, or 0.</param>
public readonly record struct TextDecoder(TextDecoder.Inside Place, int Value, int Left, int High)
{
    /// <summary>Between two code points.</summary>
    public static TextDecoder Between => default;

    /// <summary>What a byte is part of.</summary>
    public enum Inside
    {
        /// <summary>Nothing: a code point begins.</summary>
        Nothing,

        /// <summary>A character of several bytes.</summary>
        Utf8,

        /// <summary>The letter after a backslash.</summary>
        Escape,

        /// <summary>The digits of <c>\u</c>.</summary>
        Hex,

        /// <summary>The backslash before a pair's second half.</summary>
        PairSlash,

        /// <summary>The <c>u</c> of a pair's second half.</summary>
        PairU,
    }

    /// <summary>What a byte did.</summary>
    public enum Result
    {
        /// <summary>It is not allowed here.</summary>
        Wrong,

        /// <summary>A code point is not yet whole.</summary>
        Inside,

        /// <summary>A code point is whole.</summary>
        Point,

        /// <summary>It was the closing quote.</summary>
        Closed,
    }

    /// <summary>Takes a byte.</summary>
    /// <param name="next">The byte.</param>
    /// <param name="after">Where the bytes stand then.</param>
    /// <param name="low">The code point; or the least that the bytes can still become.</param>
    /// <param name="high">The most that they can still become.</param>
    public Result Step(byte next, out TextDecoder after, out int low, out int high)
    {
        after = Between;
        (low, high) = (next, next);
        switch (Place)
        {
            case Inside.Nothing:
                if (next == '"')
                    return Result.Closed;
                if (next == '\\')
                {
                    after = new TextDecoder(Inside.Escape, 0, 0, 0);
                    (low, high) = (0, 0x10FFFF);
                    return Result.Inside;
                }
                return next < 0x20 ? Result.Wrong : next < 0x80 ? Result.Point : Lead(next, out after, out low, out high);
            case Inside.Utf8:
                if ((next & 0xC0) != 0x80)
                    return Result.Wrong;
                return Continue((Value << 6) | (next & 0x3F), Left - 1, out after, out low, out high);
            case Inside.Escape:
                if (next == 'u')
                {
                    after = new TextDecoder(Inside.Hex, 0, 4, 0);
                    (low, high) = (0, 0x10FFFF);
                    return Result.Inside;
                }
                low = high = (char)next switch
                {
                    '"' or '\\' or '/' => next,
                    'b' => '\b',
                    'f' => '\f',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    _ => -1,
                };
                return low < 0 ? Result.Wrong : Result.Point;
            case Inside.PairSlash:
                after = this with { Place = Inside.PairU };
                (low, high) = PairRange(High, 0, 4);
                return next == '\\' ? Result.Inside : Result.Wrong;
            case Inside.PairU:
                after = new TextDecoder(Inside.Hex, 0, 4, High);
                (low, high) = PairRange(High, 0, 4);
                return next == 'u' ? Result.Inside : Result.Wrong;
            default:
                return Digit(next, out after, out low, out high);
        }
    }

    private static Result Lead(byte next, out TextDecoder after, out int low, out int high)
    {
        var (value, left) = next switch
        {
            >= 0xC2 and <= 0xDF => (next & 0x1F, 1),
            >= 0xE0 and <= 0xEF => (next & 0x0F, 2),
            >= 0xF0 and <= 0xF4 => (next & 0x07, 3),
            _ => (0, 0),
        };
        after = new TextDecoder(Inside.Utf8, value, left, 0);
        (low, high) = (value << (6 * left), Math.Min(((value + 1) << (6 * left)) - 1, 0x10FFFF));
        low = Math.Max(low, left == 2 ? 0x800 : left == 3 ? 0x10000 : 0x80);
        return left == 0 ? Result.Wrong : Result.Inside;
    }

    private static Result Continue(int value, int left, out TextDecoder after, out int low, out int high)
    {
        (low, high) = (value << (6 * left), ((value + 1) << (6 * left)) - 1);
        after = left == 0 ? Between : new TextDecoder(Inside.Utf8, value, left, 0);
        if (left == 0)
            return Result.Point;

        // No overlong forms, surrogates, or numbers past the last code point.
        bool wrong = left == 2 ? value is < 0x10 or > 0x10F : value is < 0x20 or (>= 0x360 and <= 0x37F);
        return wrong ? Result.Wrong : Result.Inside;
    }

    private Result Digit(byte next, out TextDecoder after, out int low, out int high)
    {
        (after, low, high) = (Between, 0, 0);
        if (!char.IsAsciiHexDigit((char)next))
            return Result.Wrong;
        int value = (Value << 4) | Convert.ToInt32(((char)next).ToString(), 16), left = Left - 1;
        int first = value << (4 * left), last = ((value + 1) << (4 * left)) - 1;
        if (High != 0)
        {
            (low, high) = PairRange(High, value, left);
            after = left == 0 ? Between : new TextDecoder(Inside.Hex, value, left, High);
            return low > high ? Result.Wrong : left == 0 ? Result.Point : Result.Inside;
        }
        if (left == 0 && first is >= 0xDC00 and <= 0xDFFF)
            return Result.Wrong; // a second half without a first
        if (left == 0 && first is >= 0xD800 and <= 0xDBFF)
        {
            after = new TextDecoder(Inside.PairSlash, 0, 0, first);
            (low, high) = PairRange(first, 0, 4);
            return Result.Inside;
        }
        (low, high) = (first, last >= 0xD800 && first <= 0xDBFF ? 0x10FFFF : last); // a pair may begin here
        after = left == 0 ? Between : new TextDecoder(Inside.Hex, value, left, 0);
        return left == 0 ? Result.Point : first >= 0xDC00 && last <= 0xDFFF ? Result.Wrong : Result.Inside;
    }

    /// <summary>The code points that a pair can become whose second half has some digits already.</summary>
    private static (int Low, int High) PairRange(int first, int value, int left)
    {
        int low = Math.Max(value << (4 * left), 0xDC00), high = Math.Min(((value + 1) << (4 * left)) - 1, 0xDFFF);
        return low > high ? (1, 0) : (Code(first, low), Code(first, high));

        static int Code(int high, int low) => 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    }
}
