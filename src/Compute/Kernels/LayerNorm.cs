namespace Causerie.Compute.Kernels;

/// <summary>Layer normalisation (Ba, Kiros and Hinton, 2016), as GPT-2 and StarCoder2 use it.</summary>
public static class LayerNorm
{
    /// <summary>y = (x − mean(x)) / √(var(x) + ε) · weight + bias, over each row.</summary>
    /// <param name="x">[n, width] f32.</param>
    /// <param name="weight">[width] f32.</param>
    /// <param name="bias">[width] f32.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="y">[n, width] f32; may be <paramref name="x"/>.</param>
    public static void Apply(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, float epsilon, Span<float> y)
    {
        int width = weight.Length;
        for (int start = 0; start < x.Length; start += width)
        {
            var row = x.Slice(start, width);
            float sum = 0;
            foreach (float v in row)
                sum += v;
            float mean = sum / width;
            float squares = 0;
            foreach (float v in row)
                squares += (v - mean) * (v - mean);
            float scale = 1 / MathF.Sqrt((squares / width) + epsilon);
            for (int i = 0; i < width; i++)
                y[start + i] = ((x[start + i] - mean) * scale * weight[i]) + bias[i];
        }
    }
}
