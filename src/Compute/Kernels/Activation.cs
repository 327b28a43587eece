namespace Causerie.Compute.Kernels;

/// <summary>The activation functions that are not a plain gate times a value.</summary>
public static class Activation
{
    /// <summary>x = gelu(x), with the tanh approximation (Hendrycks and Gimpel, 2016).</summary>
    /// <param name="x">[n] f32, in place.</param>
    public static void Gelu(Span<float> x)
    {
        for (int i = 0; i < x.Length; i++)
        {
            float v = x[i];
            x[i] = 0.5f * v * (1 + MathF.Tanh(0.7978845608f * v * (1 + (0.044715f * v * v))));
        }
    }

    /// <summary>gate = g · σ(α · g) · (u + 1), with g = min(gate, limit) and u = up held within ±limit.</summary>
    /// <remarks>The clamped SwiGLU of the gpt-oss model card (OpenAI, 2025): α 1.702, limit 7.</remarks>
    /// <param name="gate">[n] f32, overwritten with the result.</param>
    /// <param name="up">[n] f32.</param>
    /// <param name="alpha">Steepness of the sigmoid.</param>
    /// <param name="limit">Bound of both inputs.</param>
    public static void ClampedSwiGlu(Span<float> gate, ReadOnlySpan<float> up, float alpha, float limit)
    {
        for (int i = 0; i < gate.Length; i++)
        {
            float g = Math.Min(gate[i], limit);
            float u = Math.Clamp(up[i], -limit, limit);
            gate[i] = g / (1 + MathF.Exp(-alpha * g)) * (u + 1);
        }
    }
}
