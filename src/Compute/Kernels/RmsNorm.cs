using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>Root-mean-square layer normalisation (Zhang and Sennrich, 2019).</summary>
public static class RmsNorm
{
    /// <summary>y = x / √(mean(x²) + ε) · weight, over each row.</summary>
    /// <param name="x">[n, width] f32.</param>
    /// <param name="weight">[width] f32.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="y">[n, width] f32; may be <paramref name="x"/>.</param>
    /// <param name="pool">Threads for many rows, or null.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not whole rows, or <paramref name="y"/> too short.
    /// </exception>
    public static void Apply(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float epsilon, Span<float> y, WorkerPool? pool = null) =>
        NormWork.Run(new NormWork(x, weight, [], epsilon, y, centred: false), pool);

    /// <summary>x += addend, then y = norm(x), row by row: what stands between two blocks in one pass.</summary>
    /// <param name="x">[n, width] f32, in place.</param>
    /// <param name="addend">[n, width] f32.</param>
    /// <param name="weight">[width] f32.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="y">[n, width] f32, neither of the others.</param>
    /// <param name="pool">Threads for many rows, or null.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not whole rows, or another span is too short.
    /// </exception>
    public static void AddApply(
        Span<float> x, ReadOnlySpan<float> addend, ReadOnlySpan<float> weight, float epsilon, Span<float> y,
        WorkerPool? pool = null) =>
        NormWork.Run(new NormWork(x, addend, weight, [], epsilon, y, centred: false), pool);
}
