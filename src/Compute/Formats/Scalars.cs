using System.Buffers.Binary;

namespace Causerie.Compute.Formats;

/// <summary>The small numbers that blocks carry beside their weights.</summary>
internal static class Scalars
{
    /// <summary>The f16 at <paramref name="offset"/>, as f32.</summary>
    public static float Half(ReadOnlySpan<byte> block, int offset) =>
        (float)BinaryPrimitives.ReadHalfLittleEndian(block[offset..]);

    /// <summary>Stores <paramref name="value"/> as f16 at <paramref name="offset"/>.</summary>
    /// <returns>The f16, as f32.</returns>
    /// <exception cref="OverflowException">It is beyond the largest f16.</exception>
    public static float StoreHalf(Span<byte> block, int offset, float value)
    {
        var half = (System.Half)value;
        if (!System.Half.IsFinite(half))
            throw new OverflowException($"The scale {value} is beyond the largest f16.");
        BinaryPrimitives.WriteHalfLittleEndian(block[offset..], half);
        return (float)half;
    }

    /// <summary>1 / <paramref name="step"/>, and 0 for a step of 0.</summary>
    public static float Inverse(float step) => step == 0 ? 0 : 1 / step;

    /// <summary>The nearest integer of [<paramref name="min"/>, <paramref name="max"/>].</summary>
    public static int Round(float value, int min, int max) => (int)Math.Clamp(MathF.Round(value), min, max);

    /// <summary>The value that is furthest from zero, with its sign.</summary>
    public static float Furthest(ReadOnlySpan<float> values)
    {
        float furthest = 0;
        foreach (float value in values)
            if (MathF.Abs(value) > MathF.Abs(furthest))
                furthest = value;
        return furthest;
    }

    /// <summary>The smallest value, at most 0, and the largest, at least 0.</summary>
    public static (float Min, float Max) Range(ReadOnlySpan<float> values)
    {
        float min = 0, max = 0;
        foreach (float value in values)
            (min, max) = (MathF.Min(min, value), MathF.Max(max, value));
        return (min, max);
    }

    /// <summary>The index of the level next to <paramref name="value"/>, of ascending levels.</summary>
    public static int Nearest(ReadOnlySpan<sbyte> levels, float value)
    {
        int best = 0;
        while (best + 1 < levels.Length && value > (levels[best] + levels[best + 1]) * 0.5f)
            best++;
        return best;
    }
}
