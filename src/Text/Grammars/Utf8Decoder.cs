namespace Causerie.Text.Grammars;

/// <summary>Where bytes of UTF-8 stand between two code points.</summary>
/// <param name="Value">The bits so far.</param>
/// <param name="Left">Bytes still to come.</param>
/// <param name="Least">The least code point that may be written in so many bytes.</param>
public readonly record struct Utf8Decoder(int Value, int Left, int Least)
{
    /// <summary>Between two code points.</summary>
    public static Utf8Decoder Between => default;

    /// <summary>Takes a byte.</summary>
    /// <param name="next">The byte.</param>
    /// <param name="low">The code point; or the least that the bytes can still become.</param>
    /// <param name="high">The most that they can still become.</param>
    /// <returns>Where the bytes stand then; null where no code point is written so.</returns>
    public Utf8Decoder? Step(byte next, out int low, out int high)
    {
        (low, high) = (next, next);
        if (Left == 0)
        {
            return next switch
            {
                < 0x80 => Between,
                >= 0xC2 and < 0xE0 => Bounded(new(next & 0x1F, 1, 0x80), out low, out high),
                >= 0xE0 and < 0xF0 => Bounded(new(next & 0x0F, 2, 0x800), out low, out high),
                >= 0xF0 and < 0xF5 => Bounded(new(next & 0x07, 3, 0x1_0000), out low, out high),
                _ => null,
            };
        }
        return next is >= 0x80 and < 0xC0
            ? Bounded(new((Value << 6) | (next & 0x3F), Left - 1, Least), out low, out high)
            : null;
    }

    // Overlong forms, surrogates and what lies beyond U+10FFFF are no code points.
    private static Utf8Decoder? Bounded(Utf8Decoder after, out int low, out int high)
    {
        int bits = 6 * after.Left;
        low = Math.Max(after.Value << bits, after.Least);
        high = Math.Min((after.Value << bits) | ((1 << bits) - 1), 0x10FFFF);
        if (low is >= 0xD800 and <= 0xDFFF)
            low = 0xE000;
        if (high is >= 0xD800 and <= 0xDFFF)
            high = 0xD7FF;
        return low > high ? null : after.Left == 0 ? Between : after;
    }
}
