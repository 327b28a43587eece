using Causerie.Compute.Lanes;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>Activations times transposed weights: where nearly all the time of a model goes.</summary>
/// <remarks>
/// F32, F16, BF16 and the formats without an integer kernel multiply in f32; all others meet activations quantised to
/// eight bits, 32 to a scale. A column's result has the same bits whatever the other columns, the number of threads
/// and the instructions.
/// </remarks>
public static class MatMul
{
    /// <summary>y = x · wᵀ.</summary>
    /// <param name="weights">[rows, columns] in any tensor format.</param>
    /// <param name="x">[count, columns] f32.</param>
    /// <param name="count">Columns of the batch: tokens.</param>
    /// <param name="y">[count, rows] f32, overwritten.</param>
    /// <param name="pool">The threads to run on.</param>
    /// <exception cref="ArgumentException"><paramref name="x"/> or <paramref name="y"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The weights' file is closed, or the pool is.</exception>
    public static void Multiply(
        WeightMatrix weights, ReadOnlySpan<float> x, int count, Span<float> y, WorkerPool pool) =>
        Multiply(weights, 0, weights.Rows, x, count, y, pool, VectorWidths.Widest());

    /// <summary>y = x · wᵀ for some rows of w, such as one expert's, without a slice to allocate.</summary>
    /// <param name="weights">[any, columns] in any tensor format.</param>
    /// <param name="firstRow">The first row that takes part.</param>
    /// <param name="rows">How many take part.</param>
    /// <param name="x">[count, columns] f32.</param>
    /// <param name="count">Columns of the batch: tokens.</param>
    /// <param name="y">[count, rows] f32, overwritten.</param>
    /// <param name="pool">The threads to run on.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> or <paramref name="y"/> is too short, or the rows are not all the matrix's.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The weights' file is closed, or the pool is.</exception>
    public static void Multiply(
        WeightMatrix weights, int firstRow, int rows, ReadOnlySpan<float> x, int count, Span<float> y,
        WorkerPool pool) =>
        Multiply(weights, firstRow, rows, x, count, y, pool, VectorWidths.Widest());

    /// <summary>The same with chosen instructions, which must be supported.</summary>
    internal static unsafe void Multiply(
        WeightMatrix weights, int firstRow, int rows, ReadOnlySpan<float> x, int count, Span<float> y,
        WorkerPool pool, VectorWidth width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, weights.Rows - firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (x.Length < (long)count * weights.Columns)
            throw new ArgumentException($"x holds {x.Length} values, under {count} · {weights.Columns}.", nameof(x));
        if (y.Length < (long)count * rows)
            throw new ArgumentException($"y holds {y.Length} values, under {count} · {rows}.", nameof(y));
        if (count == 0 || rows == 0)
            return;
        pool.RefuseWorkers();
        weights.Owner.Enter();
        try
        {
            lock (pool.Gate)
            {
                fixed (float* px = x)
                fixed (float* py = y)
                {
                    var operands = new Operands
                    {
                        Weights = weights.Data + (weights.RowBytes * firstRow),
                        RowBytes = checked((nint)weights.RowBytes),
                        Rows = rows,
                        Length = weights.Columns,
                        X = px,
                        Count = count,
                        Y = py,
                        Pool = pool,
                        Width = width,
                    };
                    weights.Format.Multiply(operands);
                }
            }
        }
        finally
        {
            weights.Owner.Exit();
        }
    }
}
