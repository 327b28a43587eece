using System.Runtime.CompilerServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>Products of weights that lie in segments: sixteen bytes of a row beside those of other rows.</summary>
internal static unsafe class Segment
{
    /// <summary>i32 sums of 32 products of each row, the weights below 16.</summary>
    /// <param name="a0">Rows 0, 4, 8 …: their first sixteen weights; b0, c0, d0 those of the rows after them.</param>
    /// <param name="a1">Their second sixteen.</param>
    /// <param name="x0">The first sixteen activations in every segment.</param>
    /// <param name="x1">The second sixteen.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector DotNibbles<TLanes, TVector>(
        TVector a0, TVector a1, TVector b0, TVector b1, TVector c0, TVector c1, TVector d0, TVector d1,
        TVector x0, TVector x1)
        where TLanes : ISegmentLanes<TVector>
        where TVector : unmanaged
    {
        // Eight products of at most 15 · 127 · 2 each meet in sixteen bits.
        var shorts = TLanes.SumSegmentShorts(
            TLanes.AddShorts(TLanes.MultiplyAddBytes(a0, x0), TLanes.MultiplyAddBytes(a1, x1)),
            TLanes.AddShorts(TLanes.MultiplyAddBytes(b0, x0), TLanes.MultiplyAddBytes(b1, x1)),
            TLanes.AddShorts(TLanes.MultiplyAddBytes(c0, x0), TLanes.MultiplyAddBytes(c1, x1)),
            TLanes.AddShorts(TLanes.MultiplyAddBytes(d0, x0), TLanes.MultiplyAddBytes(d1, x1)));
        return TLanes.MultiplyAddShorts(shorts, TLanes.Broadcast(0x00010001));
    }

    /// <summary>sum + dot · (scale · the record's scale).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scaled<TLanes, TVector>(TVector dot, TVector scale, byte* record, TVector sum)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        var factor = TLanes.Multiply(scale, Activations<TLanes, TVector>(record, ActivationRecord.ScaleAt));
        return TLanes.MultiplyAdd(TLanes.ToSingle(dot), factor, sum);
    }

    /// <summary>The same plus the tile's min · the record's scaled sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector ScaledAndMin<TLanes, TVector>(TVector dot, TVector* tile, byte* record, TVector sum)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        sum = Scaled<TLanes, TVector>(dot, tile[Tile.Scale], record, sum);
        return TLanes.MultiplyAdd(
            tile[Tile.Min], Activations<TLanes, TVector>(record, ActivationRecord.ScaledSumAt), sum);
    }

    /// <summary>Four bytes of the record in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Activations<TLanes, TVector>(byte* record, int offset)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        TLanes.Broadcast(*(uint*)(record + offset));
}
