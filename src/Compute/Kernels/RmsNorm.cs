namespace Causerie.Compute.Kernels;

/// <summary>Root-mean-square layer normalisation (Zhang and Sennrich, 2019).</summary>
public static class RmsNorm
{
    /// <summary>y = x / √(mean(x²) + ε) · weight, over each row.</summary>
    /// <param name="x">[n, width] f32.</param>
    /// <param name="weight">[width] f32.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="y">[n, width] f32; may be <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not whole rows, or <paramref name="y"/> too short.
    /// </exception>
    public static void Apply(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float epsilon, Span<float> y)
    {
        int width = Rows.Width(x, weight.Length, y);
        for (int start = 0; start < x.Length; start += width)
        {
            var row = x.Slice(start, width);
            float scale = (float)(1 / Math.Sqrt((Rows.SumOfSquares(row, 0) / width) + epsilon));
            Rows.Affine(row, 0, scale, weight, [], y.Slice(start, width));
        }
    }
}
