using System.Runtime.CompilerServices;
using Causerie.Compute.Emitted;
using Causerie.Compute.Formats;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>
/// One tile of weights times many columns of quantised activations: the inner loops of all integer formats.
/// </summary>
/// <remarks>
/// For every row and column: sum += scale_w · scale_a · Σ (w − offset) · a + min · scale_a · Σ a. The inner sums are
/// exact integers and the rest is one f32 expression, tile after tile, so no result depends on how many columns or
/// rows are computed together. Loops stay rolled over columns: eight weight vectors live in registers, each step
/// reads one cache line of activations and adds to one vector of sums. Records lie in the order of use.
/// </remarks>
internal static unsafe class IntegerKernel
{
    /// <summary>Adds the tiles' products to the sums.</summary>
    /// <param name="tiles">[count, <see cref="Tile.Vectors"/>].</param>
    /// <param name="count">At least one.</param>
    /// <param name="records">[count, columns] <see cref="ActivationRecord"/>.</param>
    /// <param name="sums">[columns, rows of a vector] f32.</param>
    /// <param name="columns">At least one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<TBlock, TLanes, TVector>(
        TVector* tiles, int count, byte* records, TVector* sums, int columns)
        where TBlock : struct, ITiledBlock
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        if (typeof(TLanes) == typeof(Lanes512) && EmittedKernels.Run)
            EmittedKernels.Add(TBlock.Shape, TBlock.Offset, tiles, count, records, sums, columns);
        else
            AddManaged<TBlock, TLanes, TVector>(tiles, count, records, sums, columns);
    }

    /// <summary>The same on the runtime's own instructions: what emitted code must agree with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddManaged<TBlock, TLanes, TVector>(
        TVector* tiles, int count, byte* records, TVector* sums, int columns)
        where TBlock : struct, ITiledBlock
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        if (TBlock.Shape == TileShape.Bytes)
            AddBytes<TBlock, TLanes, TVector>(tiles, count, records, sums, columns);
        else if (TBlock.Shape is TileShape.Halves or TileShape.HalvesMin)
            AddHalves<TBlock, TLanes, TVector>(tiles, count, records, sums, columns);
        else
            AddSmall<TBlock, TLanes, TVector>(tiles, count, records, sums, columns);
    }

    /// <summary>Weights of four or five bits, 32 to a scale.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddSmall<TBlock, TLanes, TVector>(
        TVector* tile, int count, byte* record, TVector* sums, int columns)
        where TBlock : struct, ITiledBlock
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        var ones = TLanes.Broadcast(0x00010001);
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
                var low = Four<TLanes, TVector>(w0, w1, w2, w3, record);
                var high = Four<TLanes, TVector>(w4, w5, w6, w7, record + 16);
                var dot = TBlock.Shape is TileShape.Nibbles or TileShape.NibblesMin
                    ? TLanes.MultiplyAddShorts(TLanes.AddShorts(low, high), ones)
                    : TLanes.Add(TLanes.MultiplyAddShorts(low, ones), TLanes.MultiplyAddShorts(high, ones));
                if (TBlock.Offset != 0)
                    dot = TLanes.Subtract(dot, At<TLanes, TVector>(record, ActivationRecord.OffsetSumAt));
                var factor = TLanes.Multiply(scale, At<TLanes, TVector>(record, ActivationRecord.ScaleAt));
                var sum = TLanes.MultiplyAdd(TLanes.ToSingle(dot), factor, *target);
                if (TBlock.Shape is TileShape.NibblesMin or TileShape.FiveBitsMin)
                    sum = TLanes.MultiplyAdd(min, At<TLanes, TVector>(record, ActivationRecord.ScaledSumAt), sum);
                *target++ = sum;
                record += ActivationRecord.Bytes;
            }
            while (--left > 0);
        }
    }

    /// <summary>Weights of up to six bits, 16 to a scale.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddHalves<TBlock, TLanes, TVector>(
        TVector* tile, int count, byte* record, TVector* sums, int columns)
        where TBlock : struct, ITiledBlock
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        var ones = TLanes.Broadcast(0x00010001);
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
                var low = Four<TLanes, TVector>(w0, w1, w2, w3, record);
                var high = Four<TLanes, TVector>(w4, w5, w6, w7, record + 16);
                if (TBlock.Offset != 0)
                {
                    // Six bits may wrap in between; with the offset's share each i16 ends within 8 · 32 · 127.
                    low = TLanes.AddShorts(low, At<TLanes, TVector>(record, ActivationRecord.FirstSeedAt));
                    high = TLanes.AddShorts(high, At<TLanes, TVector>(record, ActivationRecord.SecondSeedAt));
                }

                var a = At<TLanes, TVector>(record, ActivationRecord.ScaleAt);
                var dot0 = TLanes.ToSingle(TLanes.MultiplyAddShorts(low, ones));
                var dot1 = TLanes.ToSingle(TLanes.MultiplyAddShorts(high, ones));
                var sum = TLanes.MultiplyAdd(dot0, TLanes.Multiply(scale0, a), *target);
                sum = TLanes.MultiplyAdd(dot1, TLanes.Multiply(scale1, a), sum);
                if (TBlock.Shape == TileShape.HalvesMin)
                {
                    var sum0 = At<TLanes, TVector>(record, ActivationRecord.FirstScaledSumAt);
                    var sum1 = At<TLanes, TVector>(record, ActivationRecord.SecondScaledSumAt);
                    sum = TLanes.MultiplyAdd(min0, sum0, sum);
                    sum = TLanes.MultiplyAdd(min1, sum1, sum);
                }

                *target++ = sum;
                record += ActivationRecord.Bytes;
            }
            while (--left > 0);
        }
    }

    /// <summary>Weights of eight bits, 32 to a scale: 16 · the high nibbles' sum + the low nibbles' sum.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddBytes<TBlock, TLanes, TVector>(
        TVector* tile, int count, byte* record, TVector* sums, int columns)
        where TBlock : struct, ITiledBlock
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        var ones = TLanes.Broadcast(0x00010001);
        var sixteens = TLanes.Broadcast(0x00100010);
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
                var low = TLanes.AddShorts(
                    Four<TLanes, TVector>(l0, l1, l2, l3, record), Four<TLanes, TVector>(l4, l5, l6, l7, record + 16));
                var high = TLanes.AddShorts(
                    Four<TLanes, TVector>(h0, h1, h2, h3, record), Four<TLanes, TVector>(h4, h5, h6, h7, record + 16));
                var dot = TLanes.Add(TLanes.MultiplyAddShorts(high, sixteens), TLanes.MultiplyAddShorts(low, ones));
                dot = TLanes.Subtract(dot, At<TLanes, TVector>(record, ActivationRecord.OffsetSumAt));
                var factor = TLanes.Multiply(scale, At<TLanes, TVector>(record, ActivationRecord.ScaleAt));
                *target = TLanes.MultiplyAdd(TLanes.ToSingle(dot), factor, *target);
                target++;
                record += ActivationRecord.Bytes;
            }
            while (--left > 0);
        }
    }

    /// <summary>16 weights of each row times 16 activations: two i16 sums a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Four<TLanes, TVector>(TVector w0, TVector w1, TVector w2, TVector w3, byte* activations)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        TLanes.AddShorts(
            TLanes.AddShorts(
                TLanes.MultiplyAddBytes(w0, At<TLanes, TVector>(activations, 0)),
                TLanes.MultiplyAddBytes(w1, At<TLanes, TVector>(activations, 4))),
            TLanes.AddShorts(
                TLanes.MultiplyAddBytes(w2, At<TLanes, TVector>(activations, 8)),
                TLanes.MultiplyAddBytes(w3, At<TLanes, TVector>(activations, 12))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector At<TLanes, TVector>(byte* record, int offset)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        TLanes.Broadcast(*(uint*)(record + offset));
}
