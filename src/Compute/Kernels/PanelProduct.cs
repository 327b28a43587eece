using System.Runtime.CompilerServices;
using Causerie.Compute.Lanes;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>
/// The loops around all kernels: chunks of rows over threads, a panel of rows at a time, columns in blocks.
/// </summary>
/// <remarks>
/// Weights are read once a call, however many columns there are. A panel is as many rows as a vector has lanes; the
/// last one overlaps its neighbour rather than run past the matrix. Sums of a column never meet another column's.
/// </remarks>
internal unsafe struct PanelProduct<TPanel, TLanes, TVector> : IChunkedWork
    where TPanel : struct, IPanel
    where TLanes : ILanes<TVector>
    where TVector : unmanaged
{
    /// <summary>Columns whose sums stay in the first-level cache.</summary>
    private const int ColumnBlock = 64;

    /// <summary>Weights of a row unpacked at a time: their tiles fit in the first-level cache.</summary>
    private const int Depth = 512;

    /// <summary>
    /// Bytes of weights in a chunk: long against taking it, short against another process taking the core.
    /// </summary>
    private const int ChunkBytes = 96 * 1024;

    /// <summary>Multiplications that are worth waking a thread for.</summary>
    private const long ChunkWork = 64 * 1024;

    private Operands _operands;
    private byte* _records; // [column blocks, tiles, columns of the block] records
    private int _tiles;
    private int _panels;
    private int _panelsOfChunk;

    /// <summary>Runs one product; the pool's gate is held.</summary>
    public static void Run(in Operands operands)
    {
        int tiles = (operands.Length + 31) / 32;
        int panels = (operands.Rows + TLanes.Rows - 1) / TLanes.Rows;
        long panelBytes = (long)operands.RowBytes * TLanes.Rows;
        long panelWork = (long)operands.Length * TLanes.Rows * operands.Count;
        long most = Math.Max(1, ChunkBytes / Math.Max(1, panelBytes));
        long even = Math.Max(1, panels / (4 * operands.Pool.Threads));
        long least = Math.Max(1, ChunkWork / Math.Max(1, panelWork));
        var product = new PanelProduct<TPanel, TLanes, TVector>
        {
            _operands = operands,
            _records = operands.Pool.Shared((long)operands.Count * tiles * TPanel.RecordBytes),
            _tiles = tiles,
            _panels = panels,
            _panelsOfChunk = (int)Math.Min(panels, Math.Max(least, Math.Min(most, even))),
        };
        product.PackColumns();
        int chunks = (panels + product._panelsOfChunk - 1) / product._panelsOfChunk;
        operands.Pool.Run(chunks, ref product);
    }

    private readonly void PackColumns()
    {
        var packing = new Packing { Product = this };
        int blocks = (_operands.Count + Packing.Columns - 1) / Packing.Columns;
        _operands.Pool.Run(blocks, ref packing);
    }

    private readonly byte* Records(int block, int tile, int columns) =>
        _records + (((long)block * ColumnBlock * _tiles) + ((long)tile * columns)) * TPanel.RecordBytes;

    private readonly int ColumnsOf(int block) => Math.Min(ColumnBlock, _operands.Count - (block * ColumnBlock));

    public readonly void Run(int chunk, int worker)
    {
        int depth = Math.Max(Depth, TPanel.Length);
        long sumBytes = (long)_operands.Count * sizeof(TVector);
        long tileBytes = (long)depth / 32 * TPanel.TileVectors * sizeof(TVector);
        int tailBytes = TPanel.Bytes * TLanes.Rows;
        byte* scratch = _operands.Pool.Scratch(worker, tileBytes + sumBytes + tailBytes);
        var tiles = (TVector*)scratch;
        var sums = (TVector*)(scratch + tileBytes);
        byte* tail = scratch + tileBytes + sumBytes;
        int end = Math.Min(_panels, (chunk + 1) * _panelsOfChunk);
        for (int panel = chunk * _panelsOfChunk; panel < end; panel++)
        {
            int start = panel * TLanes.Rows;
            int first = Math.Min(start, _operands.Rows - TLanes.Rows);
            byte* rows = _operands.Weights + (_operands.RowBytes * first);
            byte* ahead = rows + (_operands.RowBytes * TLanes.Rows);
            Unsafe.InitBlockUnaligned(sums, 0, (uint)sumBytes);
            for (int k = 0; k < _operands.Length; k += depth)
            {
                int weights = Math.Min(depth, _operands.Length - k);
                long bytes = (long)weights * TPanel.Bytes / TPanel.Length;
                Unpack(rows + ((long)k / TPanel.Length * TPanel.Bytes), weights, tiles, tail, ahead);
                ahead += bytes * TLanes.Rows;
                Add(tiles, k / 32, (weights + 31) / 32, sums);
            }

            Store(sums, first, start - first);
        }
    }

    private readonly void Unpack(byte* rows, int weights, TVector* tiles, byte* tail, byte* ahead)
    {
        int blocks = weights / TPanel.Length;
        TPanel.Unpack<TLanes, TVector>(rows, _operands.RowBytes, tiles, blocks, ahead);
        weights -= blocks * TPanel.Length;
        if (weights == 0)
            return;

        // Fewer weights than the kernel reads at a time: the missing ones are zeros.
        rows += blocks * TPanel.Bytes;
        tiles += blocks * TPanel.Length / 32 * TPanel.TileVectors;
        Unsafe.InitBlockUnaligned(tail, 0, (uint)(TPanel.Bytes * TLanes.Rows));
        for (int r = 0; r < TLanes.Rows; r++)
        {
            uint bytes = (uint)(weights * (TPanel.Bytes / TPanel.Length));
            Unsafe.CopyBlockUnaligned(tail + (r * TPanel.Bytes), rows + (_operands.RowBytes * r), bytes);
        }

        TPanel.Unpack<TLanes, TVector>(tail, TPanel.Bytes, tiles, 1, tail);
    }

    private readonly void Add(TVector* tiles, int firstTile, int count, TVector* sums)
    {
        int blocks = (_operands.Count + ColumnBlock - 1) / ColumnBlock;
        for (int block = 0; block < blocks; block++)
        {
            int columns = ColumnsOf(block);
            TPanel.Add<TLanes, TVector>(
                tiles, count, Records(block, firstTile, columns), sums + (block * ColumnBlock), columns);
        }
    }

    private readonly void Store(TVector* sums, int first, int skip)
    {
        float* y = _operands.Y + first;
        for (int c = 0; c < _operands.Count; c++, y += _operands.Rows)
        {
            if (skip == 0)
                TLanes.Store(y, sums[c]);
            else
                new ReadOnlySpan<float>((float*)(sums + c) + skip, TLanes.Rows - skip)
                    .CopyTo(new Span<float>(y + skip, TLanes.Rows - skip));
        }
    }

    /// <summary>Makes the records of some columns.</summary>
    private struct Packing : IChunkedWork
    {
        public const int Columns = 8;

        public PanelProduct<TPanel, TLanes, TVector> Product;

        public readonly void Run(int chunk, int worker)
        {
            float* padded = stackalloc float[32];
            int end = Math.Min(Product._operands.Count, (chunk + 1) * Columns);
            for (int column = chunk * Columns; column < end; column++)
            {
                int block = column / ColumnBlock;
                int columns = Product.ColumnsOf(block);
                float* x = Product._operands.X + ((long)column * Product._operands.Length);
                byte* record = Product.Records(block, 0, columns) + (column % ColumnBlock * TPanel.RecordBytes);
                int whole = Product._operands.Length / 32;
                for (int t = 0; t < whole; t++, x += 32, record += columns * TPanel.RecordBytes)
                    TPanel.Pack(x, record);
                int rest = Product._operands.Length % 32;
                if (rest > 0)
                {
                    new Span<float>(padded, 32).Clear();
                    new Span<float>(x, rest).CopyTo(new Span<float>(padded, 32));
                    TPanel.Pack(padded, record);
                }
            }
        }
    }
}
