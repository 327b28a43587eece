namespace Causerie.Compute.Kernels;

/// <summary>Layer normalisation (Ba, Kiros and Hinton, 2016), as GPT-2 and StarCoder2 use it.</summary>
public static class LayerNorm
{
    /// <summary>y = (x − mean(x)) / √(var(x) + ε) · weight + bias, over each row.</summary>
    /// <param name="x">[n, width] f32.</param>
    /// <param name="weight">[width] f32.</param>
    /// <param name="bias">[width] f32, or empty for none.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="y">[n, width] f32; may be <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not whole rows, or <paramref name="y"/> too short.
    /// </exception>
    public static void Apply(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, float epsilon, Span<float> y)
    {
        int width = Rows.Width(x, weight.Length, y);
        for (int start = 0; start < x.Length; start += width)
        {
            var row = x.Slice(start, width);
            float mean = (float)(Rows.Sum(row) / width);
            float scale = (float)(1 / Math.Sqrt((Rows.SumOfSquares(row, mean) / width) + epsilon));
            Rows.Affine(row, mean, scale, weight, bias, y.Slice(start, width));
        }
    }
}
