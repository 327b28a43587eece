using System.Runtime.CompilerServices;

namespace Causerie.Compute.Kernels;

/// <summary>c += a · b for a few rows and columns that stay in registers: both products of attention.</summary>
/// <remarks>Every element is one chain of fused multiply-adds over n in order, in whichever kernel it falls.</remarks>
internal static unsafe class AttentionTile<TLanes, TVector>
    where TLanes : IAttentionLanes<TVector>
    where TVector : unmanaged
{
    /// <summary>Rows that one kernel holds.</summary>
    public const int Rows = 4;

    /// <summary>c += a · b.</summary>
    /// <param name="a">[rows, aStride] f32, n used.</param>
    /// <param name="b">[n, bStride] f32.</param>
    /// <param name="c">[rows, cStride] f32.</param>
    /// <param name="rows">Rows: 1 or <see cref="Rows"/>.</param>
    /// <param name="columns">Columns, a multiple of 16.</param>
    /// <param name="n">Length of the sums.</param>
    /// <param name="fresh">Whether the sums begin at zero instead of at c.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        float* a, nint aStride, float* b, nint bStride, float* c, nint cStride, int rows, int columns, int n, bool fresh)
    {
        int w = TLanes.Width, i = 0;
        if (rows == Rows)
        {
            for (; i + (4 * w) <= columns; i += 4 * w)
                Add4x4(a, aStride, b + i, bStride, c + i, cStride, n, fresh);
            for (; i < columns; i += w)
                Add4x1(a, aStride, b + i, bStride, c + i, cStride, n, fresh);
        }
        else
        {
            for (; i + (4 * w) <= columns; i += 4 * w)
                Add1x4(a, b + i, bStride, c + i, n, fresh);
            for (; i < columns; i += w)
                Add1x1(a, b + i, bStride, c + i, n, fresh);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add4x4(
        float* a0, nint aStride, float* b, nint bStride, float* c, nint cStride, nint n, bool fresh)
    {
        float* a1 = a0 + aStride, a2 = a1 + aStride, a3 = a2 + aStride;
        float* d1 = c + cStride, d2 = d1 + cStride, d3 = d2 + cStride;
        int w = TLanes.Width;
        TVector c00, c01, c02, c03, c10, c11, c12, c13, c20, c21, c22, c23, c30, c31, c32, c33;
        if (fresh)
        {
            c00 = c01 = c02 = c03 = c10 = c11 = c12 = c13 = TLanes.Zero;
            c20 = c21 = c22 = c23 = c30 = c31 = c32 = c33 = TLanes.Zero;
        }
        else
        {
            (c00, c01, c02, c03) = (TLanes.Load(c), TLanes.Load(c + w), TLanes.Load(c + (2 * w)), TLanes.Load(c + (3 * w)));
            (c10, c11, c12, c13) = (TLanes.Load(d1), TLanes.Load(d1 + w), TLanes.Load(d1 + (2 * w)), TLanes.Load(d1 + (3 * w)));
            (c20, c21, c22, c23) = (TLanes.Load(d2), TLanes.Load(d2 + w), TLanes.Load(d2 + (2 * w)), TLanes.Load(d2 + (3 * w)));
            (c30, c31, c32, c33) = (TLanes.Load(d3), TLanes.Load(d3 + w), TLanes.Load(d3 + (2 * w)), TLanes.Load(d3 + (3 * w)));
        }

        for (nint k = 0; k < n; k++)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + w);
            var b2 = TLanes.Load(b + (2 * w));
            var b3 = TLanes.Load(b + (3 * w));
            b += bStride;
            var x = TLanes.Broadcast(a0[k]);
            c00 = TLanes.MultiplyAdd(x, b0, c00);
            c01 = TLanes.MultiplyAdd(x, b1, c01);
            c02 = TLanes.MultiplyAdd(x, b2, c02);
            c03 = TLanes.MultiplyAdd(x, b3, c03);
            x = TLanes.Broadcast(a1[k]);
            c10 = TLanes.MultiplyAdd(x, b0, c10);
            c11 = TLanes.MultiplyAdd(x, b1, c11);
            c12 = TLanes.MultiplyAdd(x, b2, c12);
            c13 = TLanes.MultiplyAdd(x, b3, c13);
            x = TLanes.Broadcast(a2[k]);
            c20 = TLanes.MultiplyAdd(x, b0, c20);
            c21 = TLanes.MultiplyAdd(x, b1, c21);
            c22 = TLanes.MultiplyAdd(x, b2, c22);
            c23 = TLanes.MultiplyAdd(x, b3, c23);
            x = TLanes.Broadcast(a3[k]);
            c30 = TLanes.MultiplyAdd(x, b0, c30);
            c31 = TLanes.MultiplyAdd(x, b1, c31);
            c32 = TLanes.MultiplyAdd(x, b2, c32);
            c33 = TLanes.MultiplyAdd(x, b3, c33);
        }

        Store(c, c00, c01, c02, c03);
        Store(d1, c10, c11, c12, c13);
        Store(d2, c20, c21, c22, c23);
        Store(d3, c30, c31, c32, c33);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add4x1(
        float* a0, nint aStride, float* b, nint bStride, float* c, nint cStride, nint n, bool fresh)
    {
        float* a1 = a0 + aStride, a2 = a1 + aStride, a3 = a2 + aStride;
        float* d1 = c + cStride, d2 = d1 + cStride, d3 = d2 + cStride;
        TVector c0, c1, c2, c3;
        if (fresh)
            c0 = c1 = c2 = c3 = TLanes.Zero;
        else
            (c0, c1, c2, c3) = (TLanes.Load(c), TLanes.Load(d1), TLanes.Load(d2), TLanes.Load(d3));
        for (nint k = 0; k < n; k++, b += bStride)
        {
            var v = TLanes.Load(b);
            c0 = TLanes.MultiplyAdd(TLanes.Broadcast(a0[k]), v, c0);
            c1 = TLanes.MultiplyAdd(TLanes.Broadcast(a1[k]), v, c1);
            c2 = TLanes.MultiplyAdd(TLanes.Broadcast(a2[k]), v, c2);
            c3 = TLanes.MultiplyAdd(TLanes.Broadcast(a3[k]), v, c3);
        }

        TLanes.Store(c, c0);
        TLanes.Store(d1, c1);
        TLanes.Store(d2, c2);
        TLanes.Store(d3, c3);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add1x4(float* a, float* b, nint bStride, float* c, nint n, bool fresh)
    {
        int w = TLanes.Width;
        TVector c0, c1, c2, c3;
        if (fresh)
            c0 = c1 = c2 = c3 = TLanes.Zero;
        else
            (c0, c1, c2, c3) = (TLanes.Load(c), TLanes.Load(c + w), TLanes.Load(c + (2 * w)), TLanes.Load(c + (3 * w)));
        for (nint k = 0; k < n; k++, b += bStride)
        {
            var x = TLanes.Broadcast(a[k]);
            c0 = TLanes.MultiplyAdd(x, TLanes.Load(b), c0);
            c1 = TLanes.MultiplyAdd(x, TLanes.Load(b + w), c1);
            c2 = TLanes.MultiplyAdd(x, TLanes.Load(b + (2 * w)), c2);
            c3 = TLanes.MultiplyAdd(x, TLanes.Load(b + (3 * w)), c3);
        }

        Store(c, c0, c1, c2, c3);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add1x1(float* a, float* b, nint bStride, float* c, nint n, bool fresh)
    {
        var sum = fresh ? TLanes.Zero : TLanes.Load(c);
        for (nint k = 0; k < n; k++, b += bStride)
            sum = TLanes.MultiplyAdd(TLanes.Broadcast(a[k]), TLanes.Load(b), sum);
        TLanes.Store(c, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, TVector v0, TVector v1, TVector v2, TVector v3)
    {
        TLanes.Store(c, v0);
        TLanes.Store(c + TLanes.Width, v1);
        TLanes.Store(c + (2 * TLanes.Width), v2);
        TLanes.Store(c + (3 * TLanes.Width), v3);
    }
}
