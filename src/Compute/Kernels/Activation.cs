using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>The activation functions that are not a plain gate times a value.</summary>
public static class Activation
{
    /// <summary>x = silu(x) = x · σ(x).</summary>
    /// <param name="x">[n] f32, in place.</param>
    /// <param name="pool">Threads for long arrays, or null.</param>
    public static void Silu(Span<float> x, WorkerPool? pool = null) => Map.Run(default(SiluMap), x, pool);

    /// <summary>x = gelu(x), with the tanh approximation (Hendrycks and Gimpel, 2016).</summary>
    /// <param name="x">[n] f32, in place.</param>
    /// <param name="pool">Threads for long arrays, or null.</param>
    public static void Gelu(Span<float> x, WorkerPool? pool = null) => Map.Run(default(GeluMap), x, pool);

    /// <summary>x = gelu(x), exact: x/2 · (1 + erf(x/√2)).</summary>
    /// <param name="x">[n] f32, in place.</param>
    /// <param name="pool">Threads for long arrays, or null.</param>
    public static void GeluErf(Span<float> x, WorkerPool? pool = null) => Map.Run(default(GeluErfMap), x, pool);

    /// <summary>gate = g · σ(α · g) · (u + 1), with g = min(gate, limit) and u = up held within ±limit.</summary>
    /// <remarks>The clamped SwiGLU of the gpt-oss model card (OpenAI, 2025): α 1.702, limit 7.</remarks>
    /// <param name="gate">[n] f32, overwritten with the result.</param>
    /// <param name="up">[n] f32.</param>
    /// <param name="alpha">Steepness of the sigmoid.</param>
    /// <param name="limit">Bound of both inputs.</param>
    /// <param name="pool">Threads for long arrays, or null.</param>
    public static void ClampedSwiGlu(
        Span<float> gate, ReadOnlySpan<float> up, float alpha, float limit, WorkerPool? pool = null) =>
        Map.Run(new ClampedMap(alpha, limit), gate, up, pool);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Gelu(Vector256<float> x)
    {
        // √(2/π) · (x + 0.044715 x³).
        var cubic = Vector256.FusedMultiplyAdd(x * x, Vector256.Create(0.044715f), Vector256<float>.One);
        var inner = x * 0.7978845608f * cubic;
        return x * 0.5f * (Vector256<float>.One + VectorMath.Tanh(inner));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> GeluErf(Vector256<float> x) =>
        x * 0.5f * (Vector256<float>.One + VectorMath.Erf(x * 0.70710678f));

    private readonly struct SiluMap : IMap
    {
        public Vector256<float> Apply(Vector256<float> x, Vector256<float> y) => x * VectorMath.Sigmoid(x);
    }

    private readonly struct GeluMap : IMap
    {
        public Vector256<float> Apply(Vector256<float> x, Vector256<float> y) => Gelu(x);
    }

    private readonly struct GeluErfMap : IMap
    {
        public Vector256<float> Apply(Vector256<float> x, Vector256<float> y) => GeluErf(x);
    }

    internal readonly struct ClampedMap(float alpha, float limit) : IMap
    {
        public Vector256<float> Apply(Vector256<float> x, Vector256<float> y)
        {
            // The bound comes first: where an operand is no number, the native minimum takes the second one.
            var bound = Vector256.Create(limit);
            var g = Vector256.MinNative(bound, x);
            var u = Vector256.MaxNative(-bound, Vector256.MinNative(bound, y));
            return g * VectorMath.Sigmoid(g * alpha) * (u + Vector256<float>.One);
        }
    }
}
