using System.Runtime.CompilerServices;

namespace Causerie.Compute.Kernels;

/// <summary>
/// The products of attention for one position's few queries, straight from the tiles: a vector is converted in a
/// register, meets every row and is forgotten. The order of each sum is that of <see cref="AttentionTile{A, B}"/>.
/// </summary>
/// <remarks>
/// Memory is the limit here, and each head's tiles lie apart, where the processor does not look ahead by itself: every
/// kernel asks for what lies <c>ahead</c> bytes further, a block of positions later.
/// </remarks>
internal static unsafe class AttentionDirect<TFormat, TLanes, TVector>
    where TFormat : struct, IKvFormat
    where TLanes : IAttentionLanes<TVector>
    where TVector : unmanaged
{
    /// <summary>c = a · keys, for two vectors of positions and four rows, over elements that share a scale.</summary>
    /// <param name="a0">[4, aStride] f32, n used.</param>
    /// <param name="aStride">Between rows.</param>
    /// <param name="keys0">The first vector's first element; the next is a tile's width further.</param>
    /// <param name="keys1">The second vector's, which may be the first again.</param>
    /// <param name="scale0">[Width] scales of the first vector.</param>
    /// <param name="scale1">Those of the second.</param>
    /// <param name="c0">[4, cStride] f32, the first vector's column.</param>
    /// <param name="c1">The second vector's column.</param>
    /// <param name="cStride">Between rows.</param>
    /// <param name="n">Elements.</param>
    /// <param name="fresh">Whether the sums begin at zero instead of at c.</param>
    /// <param name="ahead">Bytes to what is needed soon.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Keys4(
        float* a0, nint aStride, byte* keys0, byte* keys1, byte* scale0, byte* scale1, float* c0, float* c1,
        nint cStride, nint n, bool fresh, nint ahead)
    {
        float* a1 = a0 + aStride, a2 = a1 + aStride, a3 = a2 + aStride;
        var s0 = TFormat.Scales<TLanes, TVector>(scale0);
        var s1 = TFormat.Scales<TLanes, TVector>(scale1);
        TVector c00, c01, c10, c11, c20, c21, c30, c31;
        if (fresh)
        {
            c00 = c01 = c10 = c11 = c20 = c21 = c30 = c31 = TLanes.Zero;
        }
        else
        {
            (c00, c10) = (TLanes.Load(c0), TLanes.Load(c0 + cStride));
            (c20, c30) = (TLanes.Load(c0 + (2 * cStride)), TLanes.Load(c0 + (3 * cStride)));
            (c01, c11) = (TLanes.Load(c1), TLanes.Load(c1 + cStride));
            (c21, c31) = (TLanes.Load(c1 + (2 * cStride)), TLanes.Load(c1 + (3 * cStride)));
        }

        for (nint k = 0; k < n; k++)
        {
            Prefetch.Ask(keys0 + ahead);
            Prefetch.Ask(keys1 + ahead);
            var b0 = TFormat.Load<TLanes, TVector>(keys0, s0);
            var b1 = TFormat.Load<TLanes, TVector>(keys1, s1);
            keys0 += KvTile.Positions * TFormat.ElementBytes;
            keys1 += KvTile.Positions * TFormat.ElementBytes;
            var x = TLanes.Broadcast(a0[k]);
            c00 = TLanes.MultiplyAdd(x, b0, c00);
            c01 = TLanes.MultiplyAdd(x, b1, c01);
            x = TLanes.Broadcast(a1[k]);
            c10 = TLanes.MultiplyAdd(x, b0, c10);
            c11 = TLanes.MultiplyAdd(x, b1, c11);
            x = TLanes.Broadcast(a2[k]);
            c20 = TLanes.MultiplyAdd(x, b0, c20);
            c21 = TLanes.MultiplyAdd(x, b1, c21);
            x = TLanes.Broadcast(a3[k]);
            c30 = TLanes.MultiplyAdd(x, b0, c30);
            c31 = TLanes.MultiplyAdd(x, b1, c31);
        }

        Store(c0, cStride, c00, c10, c20, c30);
        Store(c1, cStride, c01, c11, c21, c31);
    }

    /// <summary>The same for one row.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Keys1(
        float* a, byte* keys0, byte* keys1, byte* scale0, byte* scale1, float* c0, float* c1, nint n, bool fresh,
        nint ahead)
    {
        var s0 = TFormat.Scales<TLanes, TVector>(scale0);
        var s1 = TFormat.Scales<TLanes, TVector>(scale1);
        var (sum0, sum1) = fresh ? (TLanes.Zero, TLanes.Zero) : (TLanes.Load(c0), TLanes.Load(c1));
        for (nint k = 0; k < n; k++)
        {
            Prefetch.Ask(keys0 + ahead);
            Prefetch.Ask(keys1 + ahead);
            var x = TLanes.Broadcast(a[k]);
            sum0 = TLanes.MultiplyAdd(x, TFormat.Load<TLanes, TVector>(keys0, s0), sum0);
            sum1 = TLanes.MultiplyAdd(x, TFormat.Load<TLanes, TVector>(keys1, s1), sum1);
            keys0 += KvTile.Positions * TFormat.ElementBytes;
            keys1 += KvTile.Positions * TFormat.ElementBytes;
        }

        TLanes.Store(c0, sum0);
        TLanes.Store(c1, sum1);
    }

    /// <summary>c += a · values, for four vectors of elements and four rows.</summary>
    /// <param name="a0">[4, aStride] f32 weights, n used.</param>
    /// <param name="aStride">Between rows.</param>
    /// <param name="values">Where the first position's values lie, and how one comes from each to the next.</param>
    /// <param name="c">[4, cStride] f32.</param>
    /// <param name="cStride">Between rows.</param>
    /// <param name="n">Positions.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Values4x4(float* a0, nint aStride, ValueWalk values, float* c, nint cStride, nint n)
    {
        float* a1 = a0 + aStride, a2 = a1 + aStride, a3 = a2 + aStride;
        float* d1 = c + cStride, d2 = d1 + cStride, d3 = d2 + cStride;
        int w = TLanes.Width, bytes = w * TFormat.ElementBytes;
        var (c00, c01, c02, c03) = (TLanes.Load(c), TLanes.Load(c + w), TLanes.Load(c + (2 * w)), TLanes.Load(c + (3 * w)));
        var (c10, c11, c12, c13) = (TLanes.Load(d1), TLanes.Load(d1 + w), TLanes.Load(d1 + (2 * w)), TLanes.Load(d1 + (3 * w)));
        var (c20, c21, c22, c23) = (TLanes.Load(d2), TLanes.Load(d2 + w), TLanes.Load(d2 + (2 * w)), TLanes.Load(d2 + (3 * w)));
        var (c30, c31, c32, c33) = (TLanes.Load(d3), TLanes.Load(d3 + w), TLanes.Load(d3 + (2 * w)), TLanes.Load(d3 + (3 * w)));
        byte* row = values.Row;
        float* low = values.Scale, high = values.HighScale;
        nint slot = values.Slot;
        for (nint k = 0; k < n; k++)
        {
            Prefetch.Ask(row + values.Ahead);
            Prefetch.Ask(row + values.Ahead + 64);
            var scale = TFormat.Scale<TLanes, TVector>(low);
            var b0 = TFormat.Load<TLanes, TVector>(row, scale);
            var b1 = TFormat.Load<TLanes, TVector>(row + bytes, scale);
            scale = TFormat.Scale<TLanes, TVector>(high);
            var b2 = TFormat.Load<TLanes, TVector>(row + (2 * bytes), scale);
            var b3 = TFormat.Load<TLanes, TVector>(row + (3 * bytes), scale);
            row += slot == KvTile.Positions - 1 ? values.Jump : values.Step;
            slot = (slot + 1) & (KvTile.Positions - 1);
            low += values.Scales;
            high += values.Scales;
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

        Store(c, w, c00, c01, c02, c03);
        Store(d1, w, c10, c11, c12, c13);
        Store(d2, w, c20, c21, c22, c23);
        Store(d3, w, c30, c31, c32, c33);
    }

    /// <summary>The same for one vector of elements and four rows.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Values4x1(float* a0, nint aStride, ValueWalk values, float* c, nint cStride, nint n)
    {
        float* a1 = a0 + aStride, a2 = a1 + aStride, a3 = a2 + aStride;
        var (c0, c1) = (TLanes.Load(c), TLanes.Load(c + cStride));
        var (c2, c3) = (TLanes.Load(c + (2 * cStride)), TLanes.Load(c + (3 * cStride)));
        byte* row = values.Row;
        float* low = values.Scale;
        nint slot = values.Slot;
        for (nint k = 0; k < n; k++)
        {
            Prefetch.Ask(row + values.Ahead);
            var b = TFormat.Load<TLanes, TVector>(row, TFormat.Scale<TLanes, TVector>(low));
            row += slot == KvTile.Positions - 1 ? values.Jump : values.Step;
            slot = (slot + 1) & (KvTile.Positions - 1);
            low += values.Scales;
            c0 = TLanes.MultiplyAdd(TLanes.Broadcast(a0[k]), b, c0);
            c1 = TLanes.MultiplyAdd(TLanes.Broadcast(a1[k]), b, c1);
            c2 = TLanes.MultiplyAdd(TLanes.Broadcast(a2[k]), b, c2);
            c3 = TLanes.MultiplyAdd(TLanes.Broadcast(a3[k]), b, c3);
        }

        Store(c, cStride, c0, c1, c2, c3);
    }

    /// <summary>The same for four vectors of elements and one row.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Values1x4(float* a, ValueWalk values, float* c, nint n)
    {
        int w = TLanes.Width, bytes = w * TFormat.ElementBytes;
        var (c0, c1, c2, c3) = (TLanes.Load(c), TLanes.Load(c + w), TLanes.Load(c + (2 * w)), TLanes.Load(c + (3 * w)));
        byte* row = values.Row;
        float* low = values.Scale, high = values.HighScale;
        nint slot = values.Slot;
        for (nint k = 0; k < n; k++)
        {
            Prefetch.Ask(row + values.Ahead);
            Prefetch.Ask(row + values.Ahead + 64);
            var x = TLanes.Broadcast(a[k]);
            var scale = TFormat.Scale<TLanes, TVector>(low);
            c0 = TLanes.MultiplyAdd(x, TFormat.Load<TLanes, TVector>(row, scale), c0);
            c1 = TLanes.MultiplyAdd(x, TFormat.Load<TLanes, TVector>(row + bytes, scale), c1);
            scale = TFormat.Scale<TLanes, TVector>(high);
            c2 = TLanes.MultiplyAdd(x, TFormat.Load<TLanes, TVector>(row + (2 * bytes), scale), c2);
            c3 = TLanes.MultiplyAdd(x, TFormat.Load<TLanes, TVector>(row + (3 * bytes), scale), c3);
            row += slot == KvTile.Positions - 1 ? values.Jump : values.Step;
            slot = (slot + 1) & (KvTile.Positions - 1);
            low += values.Scales;
            high += values.Scales;
        }

        Store(c, w, c0, c1, c2, c3);
    }

    /// <summary>The same for one vector of elements and one row.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Values1x1(float* a, ValueWalk values, float* c, nint n)
    {
        var sum = TLanes.Load(c);
        byte* row = values.Row;
        float* low = values.Scale;
        nint slot = values.Slot;
        for (nint k = 0; k < n; k++)
        {
            Prefetch.Ask(row + values.Ahead);
            var b = TFormat.Load<TLanes, TVector>(row, TFormat.Scale<TLanes, TVector>(low));
            row += slot == KvTile.Positions - 1 ? values.Jump : values.Step;
            slot = (slot + 1) & (KvTile.Positions - 1);
            low += values.Scales;
            sum = TLanes.MultiplyAdd(TLanes.Broadcast(a[k]), b, sum);
        }

        TLanes.Store(c, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, nint stride, TVector v0, TVector v1, TVector v2, TVector v3)
    {
        TLanes.Store(c, v0);
        TLanes.Store(c + stride, v1);
        TLanes.Store(c + (2 * stride), v2);
        TLanes.Store(c + (3 * stride), v3);
    }
}

/// <summary>How a kernel walks over the values of one head.</summary>
/// <param name="row">The first element that is wanted of the first position.</param>
/// <param name="slot">That position in its tile.</param>
/// <param name="step">Bytes to the next position in a tile.</param>
/// <param name="jump">Bytes from a tile's last position to the next tile's first.</param>
/// <param name="ahead">Bytes to what is needed soon.</param>
/// <param name="scale">[positions, scales] f32, the scale of the first two vectors.</param>
/// <param name="highScale">The scale of the next two.</param>
/// <param name="scales">Scales of a position.</param>
internal readonly unsafe struct ValueWalk(
    byte* row, nint slot, nint step, nint jump, nint ahead, float* scale, float* highScale, nint scales)
{
    public byte* Row { get; } = row;

    public nint Slot { get; } = slot;

    public nint Step { get; } = step;

    public nint Jump { get; } = jump;

    public nint Ahead { get; } = ahead;

    public float* Scale { get; } = scale;

    public float* HighScale { get; } = highScale;

    public nint Scales { get; } = scales;
}
