using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Causerie.Compute.Kernels;

/// <summary>
/// What the two normalisations share: sums of a row in double, in a fixed order, and the scaling after them.
/// </summary>
internal static class Rows
{
    /// <summary>Checks the shapes and gives the width back.</summary>
    public static int Width(ReadOnlySpan<float> x, int width, ReadOnlySpan<float> y)
    {
        if (width == 0 || x.Length % width != 0)
            throw new ArgumentException($"{x.Length} elements are not rows of {width}.", nameof(x));
        if (y.Length < x.Length)
            throw new ArgumentException($"y holds {y.Length} elements, fewer than {x.Length}.", nameof(y));
        return width;
    }

    /// <summary>Σ x.</summary>
    public static double Sum(ReadOnlySpan<float> x)
    {
        var (low, high) = (Vector256<double>.Zero, Vector256<double>.Zero);
        ref float first = ref MemoryMarshal.GetReference(x);
        int i = 0;
        for (; i + 8 <= x.Length; i += 8)
        {
            var v = Vector256.LoadUnsafe(ref first, (nuint)i);
            low += Vector256.WidenLower(v);
            high += Vector256.WidenUpper(v);
        }

        double sum = Vector256.Sum(low + high);
        for (; i < x.Length; i++)
            sum += x[i];
        return sum;
    }

    /// <summary>Σ (x − mean)².</summary>
    public static double SumOfSquares(ReadOnlySpan<float> x, float mean)
    {
        var (low, high) = (Vector256<double>.Zero, Vector256<double>.Zero);
        ref float first = ref MemoryMarshal.GetReference(x);
        int i = 0;
        for (; i + 8 <= x.Length; i += 8)
        {
            var v = Vector256.LoadUnsafe(ref first, (nuint)i) - Vector256.Create(mean);
            var (a, b) = Vector256.Widen(v);
            low += a * a;
            high += b * b;
        }

        double sum = Vector256.Sum(low + high);
        for (; i < x.Length; i++)
        {
            double v = x[i] - mean;
            sum += v * v;
        }

        return sum;
    }

    /// <summary>y = (x − mean) · scale · weight + bias; no bias where it is empty.</summary>
    public static void Affine(
        ReadOnlySpan<float> x, float mean, float scale, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias,
        Span<float> y)
    {
        x.CopyTo(y);
        Map.Run(new Normalise(mean, scale), y, weight);
        if (!bias.IsEmpty)
            Elementwise.Add(y, bias);
    }

    private readonly struct Normalise(float mean, float scale) : IMap
    {
        public Vector256<float> Apply(Vector256<float> x, Vector256<float> y) =>
            (x - Vector256.Create(mean)) * scale * y;
    }
}
