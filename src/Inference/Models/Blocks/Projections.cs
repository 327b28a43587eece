using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Inference.Models.Blocks;

/// <summary>The two steps that every block is made of, over the rows of a batch.</summary>
internal static class Projections
{
    /// <summary>y = x · wᵀ + bias.</summary>
    /// <param name="linear">[outputs, inputs].</param>
    /// <param name="x">[n, inputs] f32.</param>
    /// <param name="n">Rows.</param>
    /// <param name="y">[n, outputs] f32, overwritten.</param>
    /// <param name="pool">The threads to run on.</param>
    public static void Apply(this Linear linear, ReadOnlySpan<float> x, int n, Span<float> y, WorkerPool pool)
    {
        MatMul.Multiply(linear.Matrix, x[..(n * linear.Matrix.Columns)], n, y, pool);
        linear.AddBias(n, y, pool);
    }

    /// <summary>Two projections of the same rows in one pass.</summary>
    public static void Apply(
        Linear first, Span<float> a, Linear second, Span<float> b, ReadOnlySpan<float> x, int n, WorkerPool pool)
    {
        MatMul.Multiply(first.Matrix, a, second.Matrix, b, x, n, pool);
        first.AddBias(n, a, pool);
        second.AddBias(n, b, pool);
    }

    /// <summary>Three projections of the same rows in one pass.</summary>
    public static void Apply(
        Linear first, Span<float> a, Linear second, Span<float> b, Linear third, Span<float> c, ReadOnlySpan<float> x,
        int n, WorkerPool pool)
    {
        MatMul.Multiply(first.Matrix, a, second.Matrix, b, third.Matrix, c, x, n, pool);
        first.AddBias(n, a, pool);
        second.AddBias(n, b, pool);
        third.AddBias(n, c, pool);
    }

    /// <summary>y += bias, where the matrix has one.</summary>
    public static void AddBias(this Linear linear, int n, Span<float> y, WorkerPool pool)
    {
        if (linear.Bias.Length > 0)
            Elementwise.AddBias(y[..(n * linear.Matrix.Rows)], linear.Bias, pool);
    }

    /// <summary>y = norm(x), row by row of the norm's own width.</summary>
    /// <param name="norm">[width].</param>
    /// <param name="x">[n, width] f32.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="y">[n, width] f32; may be <paramref name="x"/>.</param>
    /// <param name="pool">The threads to run on.</param>
    public static void Apply(this Norm norm, ReadOnlySpan<float> x, float epsilon, Span<float> y, WorkerPool pool)
    {
        if (norm.Bias.Length > 0)
            LayerNorm.Apply(x, norm.Weight, norm.Bias, epsilon, y, pool);
        else
            RmsNorm.Apply(x, norm.Weight, epsilon, y, pool);
    }

    /// <summary>x += addend, y = norm(x): the end of one block and the beginning of the next.</summary>
    /// <param name="norm">[width].</param>
    /// <param name="x">[n, width] f32, in place.</param>
    /// <param name="addend">[n, width] f32.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="y">[n, width] f32, overwritten.</param>
    /// <param name="pool">The threads to run on.</param>
    public static void AddApply(
        this Norm norm, Span<float> x, ReadOnlySpan<float> addend, float epsilon, Span<float> y, WorkerPool pool)
    {
        if (norm.Bias.Length > 0)
            LayerNorm.AddApply(x, addend, norm.Weight, norm.Bias, epsilon, y, pool);
        else
            RmsNorm.AddApply(x, addend, norm.Weight, epsilon, y, pool);
    }
}
