using System.Runtime.CompilerServices;
using Causerie.Compute.Formats;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>
/// One tile of weights times many columns of quantised activations: the inner loops of all integer formats.
/// </summary>
/// <remarks>
/// For every row and column: sum += scale_w · scale_a · Σ (w − offset) · a + min · scale_a · Σ a. The inner sums are
/// exact integers and the rest is one f32 expression, tile after tile, so no result depends on how many columns or
/// rows are computed together. In blocks of 256 weights the activations share a scale_a as well, which the block's sum
/// meets once. Loops stay rolled over columns: eight weight vectors live in registers, each step reads one cache line of
/// activations and adds to one vector of sums. Records lie in the order of use.
/// </remarks>
internal static unsafe class IntegerKernel
{
    /// <summary>16 weights of each row times 16 activations: two i16 sums a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Four<TLanes, TVector>(TVector w0, TVector w1, TVector w2, TVector w3, byte* activations)
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
    public static TVector At<TLanes, TVector>(byte* record, int offset)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        TLanes.Broadcast(*(uint*)(record + offset));

    /// <summary>Whether the activations that meet a block share a scale, as its weights share one; else 32 have their own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool SharesScale<TBlock>()
        where TBlock : struct, ITiledBlock => TBlock.Length > ActivationRecord.Length;

    /// <summary>What a tile's dot is multiplied by: its scale, and the record's where that is not shared by a unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Factor<TBlock, TLanes, TVector>(TVector scale, byte* record)
        where TBlock : struct, ITiledBlock
        where TLanes : ILanes<TVector>
        where TVector : unmanaged => SharesScale<TBlock>()
            ? scale
            : TLanes.Multiply(scale, At<TLanes, TVector>(record, ActivationRecord.ScaleAt));
}
