using Causerie.Compute.Lanes;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Gradients;

/// <summary>General products of f32 matrices: what training multiplies, where both sides change at every step.</summary>
/// <remarks>
/// Every element is one chain of fused multiply-adds over k, from 0 or from what stood there, so that neither tiles nor
/// threads nor the vectors' width leave a trace in the bits. Products of kept weights are <see cref="Kernels.MatMul"/>'s.
/// </remarks>
public static unsafe class Gemm
{
    /// <summary>Rows of the result that a chunk computes.</summary>
    private const int ChunkRows = 4 * GemmTile.Rows;

    /// <summary>c = a · b, or c += a · b.</summary>
    /// <param name="a">[m, k].</param>
    /// <param name="b">[k, n].</param>
    /// <param name="c">[m, stride] f32, overlapping neither of the others.</param>
    /// <param name="stride">Elements from one row of c to the next.</param>
    /// <param name="add">Whether the product is added to what c holds.</param>
    /// <param name="pool">The threads.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static void Multiply(FloatMatrix a, FloatMatrix b, Span<float> c, int stride, bool add, WorkerPool pool) =>
        Multiply(a, b, c, stride, add, pool, VectorWidths.Widest());

    /// <summary>The same with vectors of one width.</summary>
    internal static void Multiply(
        FloatMatrix a, FloatMatrix b, Span<float> c, int stride, bool add, WorkerPool pool, VectorWidth width)
    {
        if (a.Columns != b.Rows)
            throw new ArgumentException($"{a.Rows} × {a.Columns} by {b.Rows} × {b.Columns} is no product.", nameof(b));
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, b.Columns);
        if (c.Length < FloatMatrix.Extent(a.Rows, b.Columns, stride))
            throw new ArgumentException(
                $"{c.Length} values are too few for {a.Rows} rows of {b.Columns} at {stride}.", nameof(c));
        pool.RefuseWorkers();
        fixed (float* pa = a.Values, pb = b.Values, pc = c)
        {
            var left = new GemmOperand(pa, a.RowStride, a.ColumnStride);
            var right = new GemmOperand(pb, b.RowStride, b.ColumnStride);
            if (a.Columns == 0)
            {
                for (int i = 0; i < a.Rows && !add; i++)
                    c.Slice(i * stride, b.Columns).Clear();
                return;
            }

            lock (pool.Gate)
                Blocks(left, right, pc, stride, a.Rows, b.Columns, a.Columns, add, pool, width);
        }
    }

    private static void Blocks(
        GemmOperand a, GemmOperand b, float* c, int stride, int rows, int columns, int depth, bool add,
        WorkerPool pool, VectorWidth width)
    {
        int panels = GemmTile.Panels(columns);
        var packed = (float*)pool.Shared(GemmTile.PackedBytes(columns));
        for (int k = 0; k < depth; k += GemmTile.Depth)
        {
            int count = Math.Min(GemmTile.Depth, depth - k);
            var pack = new PackWork(b.At(k, 0), packed, count, columns);
            pool.Run(panels, ref pack);
            var part = new GemmBlock(
                a.At(0, k), packed, c, stride, rows, columns, count, Load: add || k > 0, width);
            var work = new TileWork(part, pool);
            pool.Run((rows + ChunkRows - 1) / ChunkRows, ref work);
        }
    }

    /// <summary>Packs one panel of b a chunk.</summary>
    private readonly struct PackWork(GemmOperand b, float* packed, int depth, int columns) : IChunkedWork
    {
        public void Run(int chunk, int worker) => GemmTile.PackPanel(b, packed, chunk, depth, columns);
    }

    /// <summary>Computes <see cref="ChunkRows"/> rows a chunk.</summary>
    private readonly struct TileWork(GemmBlock block, WorkerPool pool) : IChunkedWork
    {
        public void Run(int chunk, int worker)
        {
            var scratch = (float*)pool.Scratch(worker, GemmTile.ScratchBytes);
            int first = chunk * ChunkRows;
            block.Run(first, Math.Min(ChunkRows, block.Rows - first), scratch);
        }
    }
}
