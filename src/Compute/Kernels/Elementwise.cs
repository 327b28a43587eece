using System.Runtime.Intrinsics;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>The element-by-element steps between the matrix products.</summary>
/// <remarks>With a pool, long arrays are shared over its threads; the bits are the same.</remarks>
public static class Elementwise
{
    /// <summary>x += y.</summary>
    public static void Add(Span<float> x, ReadOnlySpan<float> y, WorkerPool? pool = null) =>
        Map.Run(default(Sum), x, y, pool);

    /// <summary>x *= factor.</summary>
    public static void Scale(Span<float> x, float factor, WorkerPool? pool = null) =>
        Map.Run(new Product(factor), x, pool);

    /// <summary>x[row] += bias for each row of bias.Length elements.</summary>
    /// <exception cref="ArgumentException"><paramref name="x"/> is not a whole number of rows.</exception>
    public static void AddBias(Span<float> x, ReadOnlySpan<float> bias, WorkerPool? pool = null)
    {
        if (bias.IsEmpty || x.Length % bias.Length != 0)
            throw new ArgumentException($"{x.Length} elements are not rows of {bias.Length}.", nameof(x));
        var work = new BiasWork(x, bias);
        RowShare.Run(ref work, x.Length / bias.Length, bias.Length, pool);
    }

    /// <summary>gate = silu(gate) · up, where silu(x) = x · σ(x).</summary>
    public static void SiluMultiply(Span<float> gate, ReadOnlySpan<float> up, WorkerPool? pool = null) =>
        Map.Run(default(SiluGate), gate, up, pool);

    /// <summary>gate = gelu(gate) · up, with the tanh approximation.</summary>
    public static void GeluMultiply(Span<float> gate, ReadOnlySpan<float> up, WorkerPool? pool = null) =>
        Map.Run(default(GeluGate), gate, up, pool);

    /// <summary>gate = gelu(gate) · up, exact: x/2 · (1 + erf(x/√2)).</summary>
    public static void GeluErfMultiply(Span<float> gate, ReadOnlySpan<float> up, WorkerPool? pool = null) =>
        Map.Run(default(GeluErfGate), gate, up, pool);

    /// <summary>x = cap · tanh(x / cap).</summary>
    public static void SoftCap(Span<float> x, float cap, WorkerPool? pool = null) => Map.Run(new Cap(cap), x, pool);

    /// <summary>x = softmax(x).</summary>
    /// <remarks>The sum is taken in double, element by element.</remarks>
    public static void Softmax(Span<float> x)
    {
        float max = float.NegativeInfinity;
        foreach (float v in x)
            max = Math.Max(max, v);
        Map.Run(new Exponential(max), x);
        double sum = 0;
        foreach (float v in x)
            sum += v;
        Scale(x, (float)(1 / sum));
    }

    private readonly ref struct BiasWork(Span<float> x, ReadOnlySpan<float> bias) : IChunkedWork
    {
        private readonly Span<float> _x = x;
        private readonly ReadOnlySpan<float> _bias = bias;

        public void Run(int chunk, int worker)
        {
            var rows = _x[RowShare.Of(chunk, _bias.Length, _x.Length)];
            for (; !rows.IsEmpty; rows = rows[_bias.Length..])
                Add(rows[.._bias.Length], _bias);
        }
    }

    private readonly struct Sum : IMap
    {
        public Vector256<float> Apply(Vector256<float> x, Vector256<float> y) => x + y;
    }

    private readonly struct Product(float factor) : IMap
    {
        public Vector256<float> Apply(Vector256<float> x, Vector256<float> y) => x * factor;
    }

    internal readonly struct SiluGate : IMap
    {
        public Vector256<float> Apply(Vector256<float> x, Vector256<float> y) => x * VectorMath.Sigmoid(x) * y;
    }

    internal readonly struct GeluGate : IMap
    {
        public Vector256<float> Apply(Vector256<float> x, Vector256<float> y) => Activation.Gelu(x) * y;
    }

    private readonly struct GeluErfGate : IMap
    {
        public Vector256<float> Apply(Vector256<float> x, Vector256<float> y) => Activation.GeluErf(x) * y;
    }

    private readonly struct Cap(float cap) : IMap
    {
        public Vector256<float> Apply(Vector256<float> x, Vector256<float> y) =>
            VectorMath.Tanh(x / Vector256.Create(cap)) * cap;
    }

    private readonly struct Exponential(float max) : IMap
    {
        public Vector256<float> Apply(Vector256<float> x, Vector256<float> y) =>
            VectorMath.Exp(x - Vector256.Create(max));
    }
}
