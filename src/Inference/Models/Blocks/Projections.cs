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
        y = y[..(n * linear.Matrix.Rows)];
        MatMul.Multiply(linear.Matrix, x[..(n * linear.Matrix.Columns)], n, y, pool);
        if (linear.Bias.Length > 0)
            Elementwise.AddBias(y, linear.Bias, pool);
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
