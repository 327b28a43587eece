using Causerie.Compute.Threading;

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
    /// <param name="pool">Threads for many rows, or null.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not whole rows, or <paramref name="y"/> too short.
    /// </exception>
    public static void Apply(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, float epsilon, Span<float> y,
        WorkerPool? pool = null) =>
        NormWork.Run(new NormWork(x, weight, bias, epsilon, y, centred: true), pool);

    /// <summary>x += addend, then y = norm(x), row by row: what stands between two blocks in one pass.</summary>
    /// <param name="x">[n, width] f32, in place.</param>
    /// <param name="addend">[n, width] f32.</param>
    /// <param name="weight">[width] f32.</param>
    /// <param name="bias">[width] f32, or empty for none.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="y">[n, width] f32, neither of the others.</param>
    /// <param name="pool">Threads for many rows, or null.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not whole rows, or another span is too short.
    /// </exception>
    public static void AddApply(
        Span<float> x, ReadOnlySpan<float> addend, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, float epsilon,
        Span<float> y, WorkerPool? pool = null) =>
        NormWork.Run(new NormWork(x, addend, weight, bias, epsilon, y, centred: true), pool);
}
