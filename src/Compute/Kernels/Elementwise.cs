namespace Causerie.Compute.Kernels;

/// <summary>The element-by-element steps between the matrix products.</summary>
public static class Elementwise
{
    /// <summary>x += y.</summary>
    public static void Add(Span<float> x, ReadOnlySpan<float> y)
    {
        for (int i = 0; i < x.Length; i++)
            x[i] += y[i];
    }

    /// <summary>x *= factor.</summary>
    public static void Scale(Span<float> x, float factor)
    {
        for (int i = 0; i < x.Length; i++)
            x[i] *= factor;
    }

    /// <summary>x[row] += bias for each row of bias.Length elements.</summary>
    public static void AddBias(Span<float> x, ReadOnlySpan<float> bias)
    {
        for (int start = 0; start < x.Length; start += bias.Length)
            Add(x.Slice(start, bias.Length), bias);
    }

    /// <summary>gate = silu(gate) · up, where silu(x) = x · σ(x).</summary>
    public static void SiluMultiply(Span<float> gate, ReadOnlySpan<float> up)
    {
        for (int i = 0; i < gate.Length; i++)
            gate[i] = gate[i] / (1 + MathF.Exp(-gate[i])) * up[i];
    }

    /// <summary>gate = gelu(gate) · up, with the tanh approximation.</summary>
    public static void GeluMultiply(Span<float> gate, ReadOnlySpan<float> up)
    {
        for (int i = 0; i < gate.Length; i++)
        {
            float x = gate[i];
            gate[i] = 0.5f * x * (1 + MathF.Tanh(0.7978845608f * x * (1 + (0.044715f * x * x)))) * up[i];
        }
    }

    /// <summary>x = cap · tanh(x / cap).</summary>
    public static void SoftCap(Span<float> x, float cap)
    {
        for (int i = 0; i < x.Length; i++)
            x[i] = cap * MathF.Tanh(x[i] / cap);
    }

    /// <summary>x = softmax(x).</summary>
    public static void Softmax(Span<float> x)
    {
        float max = float.NegativeInfinity;
        foreach (float v in x)
            max = Math.Max(max, v);
        float sum = 0;
        for (int i = 0; i < x.Length; i++)
            sum += x[i] = MathF.Exp(x[i] - max);
        Scale(x, 1 / sum);
    }
}
