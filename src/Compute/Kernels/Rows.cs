using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Causerie.Compute.Kernels;

/// <summary>
/// What the two normalisations share: sums of a row in double, in a fixed order, and the scaling after them.
/// </summary>
internal static class Rows
{
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

    /// <summary>
    /// y = (x − mean) · scale · weight + bias; no bias where it is empty. All have the length of <paramref name="x"/>.
    /// </summary>
    public static void Affine(
        ReadOnlySpan<float> x, float mean, float scale, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias,
        Span<float> y)
    {
        ref float from = ref MemoryMarshal.GetReference(x);
        ref float factor = ref MemoryMarshal.GetReference(weight);
        ref float to = ref MemoryMarshal.GetReference(y);
        int i = 0;
        for (; i + 8 <= x.Length; i += 8)
        {
            var v = Vector256.LoadUnsafe(ref from, (nuint)i) - Vector256.Create(mean);
            (v * scale * Vector256.LoadUnsafe(ref factor, (nuint)i)).StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < x.Length; i++)
            y[i] = (x[i] - mean) * scale * weight[i];
        if (!bias.IsEmpty)
            Elementwise.Add(y[..x.Length], bias);
    }
}
