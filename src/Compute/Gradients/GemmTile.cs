using System.Runtime.CompilerServices;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Gradients;

/// <summary>Tiles of a product: 8 rows of a by 32 columns of b, and how both are packed for it.</summary>
internal static unsafe class GemmTile
{
    /// <summary>Rows of a tile.</summary>
    public const int Rows = 8;

    /// <summary>Columns of a tile.</summary>
    public const int Columns = 32;

    /// <summary>How far along k a packed panel reaches: 32 KB of b, 8 of a.</summary>
    public const int Depth = 256;

    /// <summary>Bytes that a thread needs: eight packed rows, and a tile for what stands at the edge.</summary>
    public const int ScratchBytes = ((Rows * Depth) + (Rows * Columns)) * sizeof(float);

    /// <summary>Panels of 32 columns.</summary>
    public static int Panels(int columns) => (columns + Columns - 1) / Columns;

    /// <summary>Bytes of b, packed to the whole depth.</summary>
    public static long PackedBytes(int columns) => (long)Panels(columns) * Columns * Depth * sizeof(float);

    /// <summary>Packs rows of a as [depth, 8]; rows that are not there are zero.</summary>
    public static void PackRows(GemmOperand a, float* target, int rows, int depth)
    {
        if (a.Column == 1)
            GemmPacking.Transpose(a.Data, a.Row, rows, depth, target, Rows);
        else
            GemmPacking.Copy(a.Data, a.Column, rows, depth, target, Rows);
    }

    /// <summary>Packs 32 columns of b as [depth, 32]; columns that are not there are zero.</summary>
    public static void PackPanel(GemmOperand b, float* packed, int panel, int depth, int columns)
    {
        float* target = packed + ((nint)panel * Columns * Depth);
        int first = panel * Columns;
        int count = Math.Min(Columns, columns - first);
        var part = b.At(0, first);
        if (b.Column == 1)
            GemmPacking.Copy(part.Data, b.Row, count, depth, target, Columns);
        else
            GemmPacking.Transpose(part.Data, b.Column, count, depth, target, Columns);
    }

    /// <summary>Up to eight rows by all columns.</summary>
    /// <param name="block">The product.</param>
    /// <param name="scratch">The packed rows, and behind them a tile for the edge.</param>
    /// <param name="c">The first of the rows.</param>
    /// <param name="rows">Rows that are there.</param>
    public static void Row<TLanes, TVector>(in GemmBlock block, float* scratch, float* c, int rows)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        float* edge = scratch + (Rows * Depth);
        var b = (float*)block.Packed;
        for (int j = 0; j < block.Columns; j += Columns, b += Columns * Depth)
        {
            int columns = Math.Min(Columns, block.Columns - j);
            if (rows == Rows && columns == Columns)
            {
                Tile<TLanes, TVector>(scratch, b, block.Depth, c + j, block.Stride, block.Load);
                continue;
            }

            // At the edge the tile is computed whole beside c, with zeros where nothing is.
            new Span<float>(edge, Rows * Columns).Clear();
            for (int i = 0; i < rows && block.Load; i++)
                Unsafe.CopyBlockUnaligned(edge + (i * Columns), c + ((nint)i * block.Stride) + j, (uint)columns * 4);
            Tile<TLanes, TVector>(scratch, b, block.Depth, edge, Columns, block.Load);
            for (int i = 0; i < rows; i++)
                Unsafe.CopyBlockUnaligned(c + ((nint)i * block.Stride) + j, edge + (i * Columns), (uint)columns * 4);
        }
    }

    private static void Tile<TLanes, TVector>(float* a, float* b, int depth, float* c, nint stride, bool load)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        if (TLanes.Rows == 16)
        {
            Wide<TLanes, TVector>(a, b, depth, c, stride, load);
            return;
        }
        for (int j = 0; j < Columns; j += 2 * TLanes.Rows)
        {
            Narrow<TLanes, TVector>(a, b + j, depth, c + j, stride, load);
            Narrow<TLanes, TVector>(a + 4, b + j, depth, c + j + (4 * stride), stride, load);
        }
    }

    /// <summary>Eight rows by two vectors: sixteen sums in registers, two of b, and a's elements from memory.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Wide<TLanes, TVector>(float* a, float* b, int depth, float* c, nint stride, bool load)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        TVector s00, s01, s10, s11, s20, s21, s30, s31, s40, s41, s50, s51, s60, s61, s70, s71;
        s00 = s01 = s10 = s11 = s20 = s21 = s30 = s31 = TLanes.Broadcast(0);
        s40 = s41 = s50 = s51 = s60 = s61 = s70 = s71 = s00;
        int lanes = TLanes.Rows;
        if (load)
        {
            s00 = TLanes.Load(c);
            s01 = TLanes.Load(c + lanes);
            s10 = TLanes.Load(c + stride);
            s11 = TLanes.Load(c + stride + lanes);
            s20 = TLanes.Load(c + (2 * stride));
            s21 = TLanes.Load(c + (2 * stride) + lanes);
            s30 = TLanes.Load(c + (3 * stride));
            s31 = TLanes.Load(c + (3 * stride) + lanes);
            s40 = TLanes.Load(c + (4 * stride));
            s41 = TLanes.Load(c + (4 * stride) + lanes);
            s50 = TLanes.Load(c + (5 * stride));
            s51 = TLanes.Load(c + (5 * stride) + lanes);
            s60 = TLanes.Load(c + (6 * stride));
            s61 = TLanes.Load(c + (6 * stride) + lanes);
            s70 = TLanes.Load(c + (7 * stride));
            s71 = TLanes.Load(c + (7 * stride) + lanes);
        }

        for (float* end = a + (Rows * (nint)depth); a < end; a += Rows, b += Columns)
        {
            var x = (uint*)a;
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + lanes);
            s00 = TLanes.MultiplyAdd(b0, TLanes.Broadcast(x[0]), s00);
            s01 = TLanes.MultiplyAdd(b1, TLanes.Broadcast(x[0]), s01);
            s10 = TLanes.MultiplyAdd(b0, TLanes.Broadcast(x[1]), s10);
            s11 = TLanes.MultiplyAdd(b1, TLanes.Broadcast(x[1]), s11);
            s20 = TLanes.MultiplyAdd(b0, TLanes.Broadcast(x[2]), s20);
            s21 = TLanes.MultiplyAdd(b1, TLanes.Broadcast(x[2]), s21);
            s30 = TLanes.MultiplyAdd(b0, TLanes.Broadcast(x[3]), s30);
            s31 = TLanes.MultiplyAdd(b1, TLanes.Broadcast(x[3]), s31);
            s40 = TLanes.MultiplyAdd(b0, TLanes.Broadcast(x[4]), s40);
            s41 = TLanes.MultiplyAdd(b1, TLanes.Broadcast(x[4]), s41);
            s50 = TLanes.MultiplyAdd(b0, TLanes.Broadcast(x[5]), s50);
            s51 = TLanes.MultiplyAdd(b1, TLanes.Broadcast(x[5]), s51);
            s60 = TLanes.MultiplyAdd(b0, TLanes.Broadcast(x[6]), s60);
            s61 = TLanes.MultiplyAdd(b1, TLanes.Broadcast(x[6]), s61);
            s70 = TLanes.MultiplyAdd(b0, TLanes.Broadcast(x[7]), s70);
            s71 = TLanes.MultiplyAdd(b1, TLanes.Broadcast(x[7]), s71);
        }

        TLanes.Store(c, s00);
        TLanes.Store(c + lanes, s01);
        TLanes.Store(c + stride, s10);
        TLanes.Store(c + stride + lanes, s11);
        TLanes.Store(c + (2 * stride), s20);
        TLanes.Store(c + (2 * stride) + lanes, s21);
        TLanes.Store(c + (3 * stride), s30);
        TLanes.Store(c + (3 * stride) + lanes, s31);
        TLanes.Store(c + (4 * stride), s40);
        TLanes.Store(c + (4 * stride) + lanes, s41);
        TLanes.Store(c + (5 * stride), s50);
        TLanes.Store(c + (5 * stride) + lanes, s51);
        TLanes.Store(c + (6 * stride), s60);
        TLanes.Store(c + (6 * stride) + lanes, s61);
        TLanes.Store(c + (7 * stride), s70);
        TLanes.Store(c + (7 * stride) + lanes, s71);
    }

    /// <summary>Four rows by two vectors, for sixteen registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Narrow<TLanes, TVector>(float* a, float* b, int depth, float* c, nint stride, bool load)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        TVector s00, s01, s10, s11, s20, s21, s30, s31;
        s00 = s01 = s10 = s11 = s20 = s21 = s30 = s31 = TLanes.Broadcast(0);
        int lanes = TLanes.Rows;
        if (load)
        {
            s00 = TLanes.Load(c);
            s01 = TLanes.Load(c + lanes);
            s10 = TLanes.Load(c + stride);
            s11 = TLanes.Load(c + stride + lanes);
            s20 = TLanes.Load(c + (2 * stride));
            s21 = TLanes.Load(c + (2 * stride) + lanes);
            s30 = TLanes.Load(c + (3 * stride));
            s31 = TLanes.Load(c + (3 * stride) + lanes);
        }

        for (float* end = a + (Rows * (nint)depth); a < end; a += Rows, b += Columns)
        {
            var x = (uint*)a;
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + lanes);
            s00 = TLanes.MultiplyAdd(b0, TLanes.Broadcast(x[0]), s00);
            s01 = TLanes.MultiplyAdd(b1, TLanes.Broadcast(x[0]), s01);
            s10 = TLanes.MultiplyAdd(b0, TLanes.Broadcast(x[1]), s10);
            s11 = TLanes.MultiplyAdd(b1, TLanes.Broadcast(x[1]), s11);
            s20 = TLanes.MultiplyAdd(b0, TLanes.Broadcast(x[2]), s20);
            s21 = TLanes.MultiplyAdd(b1, TLanes.Broadcast(x[2]), s21);
            s30 = TLanes.MultiplyAdd(b0, TLanes.Broadcast(x[3]), s30);
            s31 = TLanes.MultiplyAdd(b1, TLanes.Broadcast(x[3]), s31);
        }

        TLanes.Store(c, s00);
        TLanes.Store(c + lanes, s01);
        TLanes.Store(c + stride, s10);
        TLanes.Store(c + stride + lanes, s11);
        TLanes.Store(c + (2 * stride), s20);
        TLanes.Store(c + (2 * stride) + lanes, s21);
        TLanes.Store(c + (3 * stride), s30);
        TLanes.Store(c + (3 * stride) + lanes, s31);
    }
}
