using System.Runtime.CompilerServices;
using Causerie.Compute.Formats;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>Weights of four or five bits, 32 to a scale: eight or four products fit in 16 bits.</summary>
internal readonly unsafe struct SmallTiles : ITileFamily
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector AddTile<TBlock, TLanes, TVector>(
        TVector w0, TVector w1, TVector w2, TVector w3, TVector w4, TVector w5, TVector w6, TVector w7,
        TVector* tile, byte* record, TVector sum)
        where TBlock : struct, ITiledBlock
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        Add<TBlock, TLanes, TVector>(
            w0, w1, w2, w3, w4, w5, w6, w7, tile[Tile.Scale], tile[Tile.Min], record, sum);

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
            var scale = tile[Tile.Scale];
            var min = tile[Tile.Min];
            var target = sums;
            int left = columns;
            do
            {
                *target = Add<TBlock, TLanes, TVector>(
                    w0, w1, w2, w3, w4, w5, w6, w7, scale, min, record, *target);
                target++;
                record += ActivationRecord.Bytes;
            }
            while (--left > 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Add<TBlock, TLanes, TVector>(
        TVector w0, TVector w1, TVector w2, TVector w3, TVector w4, TVector w5, TVector w6, TVector w7,
        TVector scale, TVector min, byte* record, TVector sum)
        where TBlock : struct, ITiledBlock
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        var ones = TLanes.Broadcast(0x00010001);
        var low = IntegerKernel.Four<TLanes, TVector>(w0, w1, w2, w3, record);
        var high = IntegerKernel.Four<TLanes, TVector>(w4, w5, w6, w7, record + 16);
        var dot = TBlock.Shape is TileShape.Nibbles or TileShape.NibblesMin
            ? TLanes.MultiplyAddShorts(TLanes.AddShorts(low, high), ones)
            : TLanes.Add(TLanes.MultiplyAddShorts(low, ones), TLanes.MultiplyAddShorts(high, ones));
        if (TBlock.Offset != 0)
            dot = TLanes.Subtract(dot, IntegerKernel.At<TLanes, TVector>(record, ActivationRecord.OffsetSumAt));
        var factor = IntegerKernel.Factor<TBlock, TLanes, TVector>(scale, record);
        sum = TLanes.MultiplyAdd(TLanes.ToSingle(dot), factor, sum);
        if (TBlock.Shape is TileShape.NibblesMin or TileShape.FiveBitsMin)
            sum = TLanes.MultiplyAdd(min, IntegerKernel.At<TLanes, TVector>(record, ActivationRecord.SumAt), sum);
        return sum;
    }
}
