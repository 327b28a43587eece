using System.Runtime.CompilerServices;
using Causerie.Compute.Formats;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>Weights of up to six bits, 16 to a scale.</summary>
internal readonly unsafe struct HalfTiles : ITileFamily
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector AddTile<TBlock, TLanes, TVector>(
        TVector w0, TVector w1, TVector w2, TVector w3, TVector w4, TVector w5, TVector w6, TVector w7,
        TVector* tile, byte* record, TVector sum)
        where TBlock : struct, ITiledBlock
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        Add<TBlock, TLanes, TVector>(
            w0, w1, w2, w3, w4, w5, w6, w7, tile[Tile.Scale], tile[Tile.Scale + 1], tile[Tile.Min],
            tile[Tile.Min + 1], record, sum);

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void AddMany<TBlock, TLanes, TVector>(
        TVector* tile, int count, byte* record, TVector* sums, int columns)
        where TBlock : struct, ITiledBlock
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        for (; count > 0; count--, tile += Tile.Vectors)
        {
            var (w0, w1, w2, w3) = (tile[0], tile[1], tile[2], tile[3]);
            var (w4, w5, w6, w7) = (tile[4], tile[5], tile[6], tile[7]);
            var (scale0, scale1) = (tile[Tile.Scale], tile[Tile.Scale + 1]);
            var (min0, min1) = (tile[Tile.Min], tile[Tile.Min + 1]);
            var target = sums;
            int left = columns;
            do
            {
                *target = Add<TBlock, TLanes, TVector>(
                    w0, w1, w2, w3, w4, w5, w6, w7, scale0, scale1, min0, min1, record, *target);
                target++;
                record += ActivationRecord.Bytes;
            }
            while (--left > 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Add<TBlock, TLanes, TVector>(
        TVector w0, TVector w1, TVector w2, TVector w3, TVector w4, TVector w5, TVector w6, TVector w7,
        TVector scale0, TVector scale1, TVector min0, TVector min1, byte* record, TVector sum)
        where TBlock : struct, ITiledBlock
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        var ones = TLanes.Broadcast(0x00010001);
        var low = IntegerKernel.Four<TLanes, TVector>(w0, w1, w2, w3, record);
        var high = IntegerKernel.Four<TLanes, TVector>(w4, w5, w6, w7, record + 16);
        if (TBlock.Offset != 0)
        {
            // Six bits may wrap in between; with the offset's share each i16 ends within 8 · 32 · 127.
            low = TLanes.AddShorts(low, IntegerKernel.At<TLanes, TVector>(record, ActivationRecord.FirstSeedAt));
            high = TLanes.AddShorts(high, IntegerKernel.At<TLanes, TVector>(record, ActivationRecord.SecondSeedAt));
        }

        var dot0 = TLanes.ToSingle(TLanes.MultiplyAddShorts(low, ones));
        var dot1 = TLanes.ToSingle(TLanes.MultiplyAddShorts(high, ones));
        sum = TLanes.MultiplyAdd(dot0, IntegerKernel.Factor<TBlock, TLanes, TVector>(scale0, record), sum);
        sum = TLanes.MultiplyAdd(dot1, IntegerKernel.Factor<TBlock, TLanes, TVector>(scale1, record), sum);
        if (TBlock.Shape != TileShape.HalvesMin)
            return sum;
        var sum0 = IntegerKernel.At<TLanes, TVector>(record, ActivationRecord.FirstSumAt);
        var sum1 = IntegerKernel.At<TLanes, TVector>(record, ActivationRecord.SecondSumAt);
        return TLanes.MultiplyAdd(min1, sum1, TLanes.MultiplyAdd(min0, sum0, sum));
    }
}
