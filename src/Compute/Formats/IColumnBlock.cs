using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>A tiled block that also meets a single column as it lies in memory, with no tile in between.</summary>
internal unsafe interface IColumnBlock : ITiledBlock
{
    /// <summary>
    /// The sum plus one block of each of several rows times its activations: bit for bit what the tiles give.
    /// </summary>
    /// <param name="rows">The block in the first row.</param>
    /// <param name="stride">Bytes from a row to the next.</param>
    /// <param name="record">[Length / 32] <see cref="Kernels.ActivationRecord"/>.</param>
    /// <param name="scratch">[Length / 32, <see cref="Tile.Vectors"/>] for anything in between.</param>
    /// <param name="sum">The rows' sums so far, f32.</param>
    static abstract TVector AddColumn<TLanes, TVector>(
        byte* rows, nint stride, byte* record, TVector* scratch, TVector sum)
        where TLanes : ISegmentLanes<TVector>
        where TVector : unmanaged;
}
