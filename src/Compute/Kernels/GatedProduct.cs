using Causerie.Compute.Memory;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>The narrow half of gated feed-forward blocks: the gate is applied while activations are packed.</summary>
public static class GatedProduct
{
    /// <summary>gate = silu(gate) · up, then y = gate · wᵀ.</summary>
    /// <param name="weights">[rows, columns].</param>
    /// <param name="gate">[count, columns] f32, overwritten.</param>
    /// <param name="up">[count, columns] f32.</param>
    /// <param name="count">Columns of the batch: tokens.</param>
    /// <param name="y">[count, rows] f32, overwritten.</param>
    /// <param name="pool">The threads to run on.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    /// <exception cref="ObjectDisposedException">The weights' file is closed, or the pool is.</exception>
    public static void Silu(
        WeightMatrix weights, Span<float> gate, ReadOnlySpan<float> up, int count, Span<float> y, WorkerPool pool) =>
        MatMul.MultiplyMapped(weights, default(Elementwise.SiluGate), gate, up, count, y, pool);

    /// <summary>gate = gelu(gate) · up, with the tanh approximation, then y = gate · wᵀ.</summary>
    /// <inheritdoc cref="Silu"/>
    public static void Gelu(
        WeightMatrix weights, Span<float> gate, ReadOnlySpan<float> up, int count, Span<float> y, WorkerPool pool) =>
        MatMul.MultiplyMapped(weights, default(Elementwise.GeluGate), gate, up, count, y, pool);

    /// <summary>gate = clamped SwiGLU of gate and up, then y = gate · wᵀ; see <see cref="Activation.ClampedSwiGlu"/>.</summary>
    /// <inheritdoc cref="Silu"/>
    public static void ClampedSwiGlu(
        WeightMatrix weights, Span<float> gate, ReadOnlySpan<float> up, float alpha, float limit, int count,
        Span<float> y, WorkerPool pool) =>
        MatMul.MultiplyMapped(weights, new Activation.ClampedMap(alpha, limit), gate, up, count, y, pool);
}
