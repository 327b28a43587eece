using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Gradients;

/// <summary>The gradient of <see cref="Elementwise.SiluMultiply"/>.</summary>
public static class SwiGluGradient
{
    /// <summary>gate and up become ∂/∂gate and ∂/∂up, where h = silu(gate) · up.</summary>
    /// <remarks>silu′(g) = σ(g) · (1 + g · (1 − σ(g))).</remarks>
    /// <param name="gate">[n] f32, what went in, overwritten with its gradient.</param>
    /// <param name="up">[n] f32, likewise.</param>
    /// <param name="dh">[n] f32.</param>
    /// <param name="pool">The threads.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static void Apply(Span<float> gate, Span<float> up, ReadOnlySpan<float> dh, WorkerPool pool)
    {
        if (gate.Length != up.Length || gate.Length != dh.Length)
            throw new ArgumentException($"{gate.Length}, {up.Length} and {dh.Length} elements differ.");
        var work = new Work(gate, up, dh);
        RowShare.Run(ref work, gate.Length, 1, pool);
    }

    private readonly ref struct Work(Span<float> gate, Span<float> up, ReadOnlySpan<float> dh) : IChunkedWork
    {
        private readonly Span<float> _gate = gate;
        private readonly Span<float> _up = up;
        private readonly ReadOnlySpan<float> _dh = dh;

        public void Run(int chunk, int worker)
        {
            var part = RowShare.Of(chunk, 1, _gate.Length);
            var gate = _gate[part];
            var up = _up[part];
            var dh = _dh[part];
            ref float rg = ref MemoryMarshal.GetReference(gate);
            ref float ru = ref MemoryMarshal.GetReference(up);
            ref float rh = ref MemoryMarshal.GetReference(dh);
            int i = 0;
            for (; i + 8 <= gate.Length; i += 8)
            {
                var (dg, du) = Of(
                    Vector256.LoadUnsafe(ref rg, (nuint)i), Vector256.LoadUnsafe(ref ru, (nuint)i),
                    Vector256.LoadUnsafe(ref rh, (nuint)i));
                dg.StoreUnsafe(ref rg, (nuint)i);
                du.StoreUnsafe(ref ru, (nuint)i);
            }
            for (; i < gate.Length; i++)
            {
                var (dg, du) = Of(Vector256.Create(gate[i]), Vector256.Create(up[i]), Vector256.Create(dh[i]));
                gate[i] = dg[0];
                up[i] = du[0];
            }
        }

        private static (Vector256<float> Gate, Vector256<float> Up) Of(
            Vector256<float> g, Vector256<float> u, Vector256<float> h)
        {
            var sigmoid = VectorMath.Sigmoid(g);
            var slope = sigmoid * (Vector256<float>.One + (g * (Vector256<float>.One - sigmoid)));
            return (h * u * slope, h * g * sigmoid);
        }
    }
}
