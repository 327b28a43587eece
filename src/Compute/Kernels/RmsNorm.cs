namespace Causerie.Compute.Kernels;

/// <summary>Root-mean-square layer normalisation (Zhang and Sennrich, 2019).</summary>
public static class RmsNorm
{
    /// <summary>y = x / √(mean(x²) + ε) · weight, over each row.</summary>
    /// <param name="x">[n, width] f32.</param>
    /// <param name="weight">[width] f32.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="y">[n, width] f32; may be <paramref name="x"/>.</param>
    public static void Apply(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float epsilon, Span<float> y)
    {
        int width = weight.Length;
        for (int start = 0; start < x.Length; start += width)
        {
            float squares = 0;
            foreach (float v in x.Slice(start, width))
                squares += v * v;
            float scale = 1 / MathF.Sqrt((squares / width) + epsilon);
            for (int i = 0; i < width; i++)
                y[start + i] = x[start + i] * scale * weight[i];
        }
    }
}
