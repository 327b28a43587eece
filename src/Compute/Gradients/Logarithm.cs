namespace Causerie.Compute.Gradients;

/// <summary>The natural logarithm with the same bits on every processor, for what is reported and kept.</summary>
internal static class Logarithm
{
    private const double Ln2 = 0.69314718055994530942;

    /// <summary>ln x within 1e-14 for a positive, finite, normal x.</summary>
    /// <remarks>x = m · 2^e with m in [√½, √2); ln m = 2 · artanh((m − 1) / (m + 1)), whose series ends after 12 terms.</remarks>
    public static double Of(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(x);
        int exponent = (int)((bits >> 52) & 0x7FF) - 1023;
        double mantissa = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | (1023L << 52));
        if (mantissa > 1.4142135623730951)
        {
            mantissa *= 0.5;
            exponent++;
        }
        double t = (mantissa - 1) / (mantissa + 1);
        double square = t * t;
        double series = 0;
        for (int n = 23; n >= 1; n -= 2)
            series = (series * square) + (1.0 / n);
        return (exponent * Ln2) + (2 * t * series);
    }
}
