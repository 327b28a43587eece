using Causerie.Compute.Formats;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>How tiles of one family of integers meet columns, on the runtime's own instructions.</summary>
internal unsafe interface ITileFamily
{
    /// <summary>The sum plus one tile, whose weights are in registers, times one column.</summary>
    /// <param name="tile">Its scales and mins.</param>
    /// <param name="record">The column's record.</param>
    /// <param name="sum">The rows' sums so far, f32.</param>
    static abstract TVector AddTile<TBlock, TLanes, TVector>(
        TVector w0, TVector w1, TVector w2, TVector w3, TVector w4, TVector w5, TVector w6, TVector w7,
        TVector* tile, byte* record, TVector sum)
        where TBlock : struct, ITiledBlock
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;

    /// <summary>sums[c] += Σ tile[t] · records[t, c].</summary>
    /// <param name="tile">[count, <see cref="Tile.Vectors"/>].</param>
    /// <param name="count">At least one.</param>
    /// <param name="record">[count, columns] <see cref="ActivationRecord"/>.</param>
    /// <param name="sums">[columns, rows of a vector] f32.</param>
    /// <param name="columns">At least one.</param>
    static abstract void AddMany<TBlock, TLanes, TVector>(
        TVector* tile, int count, byte* record, TVector* sums, int columns)
        where TBlock : struct, ITiledBlock
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;
}
