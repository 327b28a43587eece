using System.Runtime.CompilerServices;
using Causerie.Compute.Formats;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>Weights of eight bits, 32 to a scale: 16 · the high nibbles' sum + the low nibbles' sum.</summary>
internal readonly unsafe struct ByteTiles : ITileFamily
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector AddTile<TBlock, TLanes, TVector>(
        TVector w0, TVector w1, TVector w2, TVector w3, TVector w4, TVector w5, TVector w6, TVector w7,
        TVector* tile, byte* record, TVector sum)
        where TBlock : struct, ITiledBlock
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        Add<TBlock, TLanes, TVector>(
            Tile.Low<TLanes, TVector>(w0), Tile.Low<TLanes, TVector>(w1),
            Tile.Low<TLanes, TVector>(w2), Tile.Low<TLanes, TVector>(w3),
            Tile.Low<TLanes, TVector>(w4), Tile.Low<TLanes, TVector>(w5),
            Tile.Low<TLanes, TVector>(w6), Tile.Low<TLanes, TVector>(w7),
            Tile.High<TLanes, TVector>(w0), Tile.High<TLanes, TVector>(w1),
            Tile.High<TLanes, TVector>(w2), Tile.High<TLanes, TVector>(w3),
            Tile.High<TLanes, TVector>(w4), Tile.High<TLanes, TVector>(w5),
            Tile.High<TLanes, TVector>(w6), Tile.High<TLanes, TVector>(w7),
            tile[Tile.Scale], record, sum);

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void AddMany<TBlock, TLanes, TVector>(
        TVector* tile, int count, byte* record, TVector* sums, int columns)
        where TBlock : struct, ITiledBlock
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        for (; count > 0; count--, tile += Tile.Vectors)
        {
            var l0 = Tile.Low<TLanes, TVector>(tile[0]);
            var l1 = Tile.Low<TLanes, TVector>(tile[1]);
            var l2 = Tile.Low<TLanes, TVector>(tile[2]);
            var l3 = Tile.Low<TLanes, TVector>(tile[3]);
            var l4 = Tile.Low<TLanes, TVector>(tile[4]);
            var l5 = Tile.Low<TLanes, TVector>(tile[5]);
            var l6 = Tile.Low<TLanes, TVector>(tile[6]);
            var l7 = Tile.Low<TLanes, TVector>(tile[7]);
            var h0 = Tile.High<TLanes, TVector>(tile[0]);
            var h1 = Tile.High<TLanes, TVector>(tile[1]);
            var h2 = Tile.High<TLanes, TVector>(tile[2]);
            var h3 = Tile.High<TLanes, TVector>(tile[3]);
            var h4 = Tile.High<TLanes, TVector>(tile[4]);
            var h5 = Tile.High<TLanes, TVector>(tile[5]);
            var h6 = Tile.High<TLanes, TVector>(tile[6]);
            var h7 = Tile.High<TLanes, TVector>(tile[7]);
            var scale = tile[Tile.Scale];
            var target = sums;
            int left = columns;
            do
            {
                *target = Add<TBlock, TLanes, TVector>(
                    l0, l1, l2, l3, l4, l5, l6, l7, h0, h1, h2, h3, h4, h5, h6, h7, scale, record, *target);
                target++;
                record += ActivationRecord.Bytes;
            }
            while (--left > 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Add<TBlock, TLanes, TVector>(
        TVector l0, TVector l1, TVector l2, TVector l3, TVector l4, TVector l5, TVector l6, TVector l7,
        TVector h0, TVector h1, TVector h2, TVector h3, TVector h4, TVector h5, TVector h6, TVector h7,
        TVector scale, byte* record, TVector sum)
        where TBlock : struct, ITiledBlock
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        var low = TLanes.AddShorts(
            IntegerKernel.Four<TLanes, TVector>(l0, l1, l2, l3, record), IntegerKernel.Four<TLanes, TVector>(l4, l5, l6, l7, record + 16));
        var high = TLanes.AddShorts(
            IntegerKernel.Four<TLanes, TVector>(h0, h1, h2, h3, record), IntegerKernel.Four<TLanes, TVector>(h4, h5, h6, h7, record + 16));
        var dot = TLanes.Add(
            TLanes.MultiplyAddShorts(high, TLanes.Broadcast(0x00100010)),
            TLanes.MultiplyAddShorts(low, TLanes.Broadcast(0x00010001)));
        dot = TLanes.Subtract(dot, IntegerKernel.At<TLanes, TVector>(record, ActivationRecord.OffsetSumAt));
        var factor = IntegerKernel.Factor<TBlock, TLanes, TVector>(scale, record);
        return TLanes.MultiplyAdd(TLanes.ToSingle(dot), factor, sum);
    }
}
