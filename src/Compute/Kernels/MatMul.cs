using Causerie.Compute.Memory;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>Activations times transposed weights: where nearly all the time of a model goes.</summary>
public static class MatMul
{
    /// <summary>y = x · wᵀ.</summary>
    /// <param name="weights">[rows, columns] in any tensor format.</param>
    /// <param name="x">[count, columns] f32.</param>
    /// <param name="count">Columns of the batch: tokens.</param>
    /// <param name="y">[count, rows] f32, overwritten.</param>
    /// <param name="pool">The threads to run on.</param>
    public static void Multiply(WeightMatrix weights, ReadOnlySpan<float> x, int count, Span<float> y, WorkerPool pool)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pool.Threads, 1);
        var row = new float[weights.Columns];
        for (int r = 0; r < weights.Rows; r++)
        {
            weights.DequantizeRow(r, row);
            for (int c = 0; c < count; c++)
            {
                float sum = 0;
                var column = x.Slice(c * weights.Columns, weights.Columns);
                for (int k = 0; k < row.Length; k++)
                    sum += row[k] * column[k];
                y[(c * weights.Rows) + r] = sum;
            }
        }
    }
}
