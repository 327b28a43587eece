using System.Runtime.CompilerServices;
using Causerie.Compute.Lanes;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>
/// The loops around one column: chunks of rows over threads, a vector of rows at a time, block after block.
/// </summary>
/// <remarks>
/// Weights go from memory through registers into the sum. Tiles serve many columns; for one, writing and reading them
/// costs more than the products. The order of f32 operations is the tiles', so the bits are too.
/// </remarks>
internal unsafe struct ColumnProduct<TColumn, TLanes, TVector> : IChunkedWork
    where TColumn : struct, IColumn
    where TLanes : ISegmentLanes<TVector>
    where TVector : unmanaged
{
    /// <summary>
    /// Bytes of weights in a chunk: long against taking it, short against another process taking the core.
    /// </summary>
    private const int ChunkBytes = 96 * 1024;

    /// <summary>Multiplications that are worth waking a thread for.</summary>
    private const long ChunkWork = 64 * 1024;

    private Operands _operands;
    private byte* _records; // [length / 32] records
    private int _panels;
    private int _panelsOfChunk;

    /// <summary>Runs one product; the pool's gate is held.</summary>
    public static void Run(in Operands operands)
    {
        int panels = (operands.Rows + TLanes.Rows - 1) / TLanes.Rows;
        long panelBytes = (long)operands.RowBytes * TLanes.Rows;
        long most = Math.Max(1, ChunkBytes / Math.Max(1, panelBytes));
        long even = Math.Max(1, panels / (4 * operands.Pool.Threads));
        long least = Math.Max(1, ChunkWork / Math.Max(1, (long)operands.Length * TLanes.Rows));
        int records = operands.Length / 32;
        var product = new ColumnProduct<TColumn, TLanes, TVector>
        {
            _operands = operands,
            _records = operands.Pool.Shared((long)records * TColumn.RecordBytes),
            _panels = panels,
            _panelsOfChunk = (int)Math.Min(panels, Math.Max(least, Math.Min(most, even))),
        };
        for (int t = 0; t < records; t++)
            TColumn.Pack(operands.X + ((long)t * 32), product._records + ((long)t * TColumn.RecordBytes));

        operands.Pool.Run((panels + product._panelsOfChunk - 1) / product._panelsOfChunk, ref product);
    }

    public readonly void Run(int chunk, int worker)
    {
        var scratch = (TVector*)_operands.Pool.Scratch(worker, TColumn.ScratchVectors * sizeof(TVector));
        int blocks = _operands.Length / TColumn.Length;
        int end = Math.Min(_panels, (chunk + 1) * _panelsOfChunk);
        for (int panel = chunk * _panelsOfChunk; panel < end; panel++)
        {
            // The last panel overlaps its neighbour, whose sums come out again with the same bits.
            int start = panel * TLanes.Rows;
            int first = Math.Min(start, _operands.Rows - TLanes.Rows);
            byte* rows = _operands.Weights + (_operands.RowBytes * first);
            var sum = Sum(rows, _operands.RowBytes, blocks, _records, scratch);
            if (start == first)
                TLanes.Store(_operands.Y + first, sum);
            else
                new ReadOnlySpan<float>((float*)&sum + (start - first), _operands.Rows - start)
                    .CopyTo(new Span<float>(_operands.Y + start, _operands.Rows - start));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static TVector Sum(byte* rows, nint stride, int blocks, byte* record, TVector* scratch)
    {
        byte* ahead = rows + (stride * TLanes.Rows);
        var sum = TLanes.Broadcast(0);
        for (; blocks > 0; blocks--, rows += TColumn.Bytes, record += TColumn.Length / 32 * TColumn.RecordBytes)
        {
            sum = TColumn.Add<TLanes, TVector>(rows, stride, record, scratch, sum);
            ahead = Ahead.Prefetch(ahead, TColumn.Bytes * TLanes.Rows);
        }

        return sum;
    }
}
