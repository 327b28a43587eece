using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>A block of small integers under scales: its rows become tiles, which the integer kernels multiply.</summary>
internal unsafe interface ITiledBlock : IBlock
{
    /// <summary>Which integer kernel multiplies the tiles.</summary>
    static abstract TileShape Shape { get; }

    /// <summary>Subtracted from every unsigned weight of a tile.</summary>
    static abstract int Offset { get; }

    /// <summary>Turns one block of each of several rows into tiles.</summary>
    /// <param name="rows">The block in the first row.</param>
    /// <param name="stride">Bytes from a row to the next.</param>
    /// <param name="tiles">[Length / 32, <see cref="Tile.Vectors"/>], overwritten.</param>
    static abstract void Unpack<TLanes, TVector>(byte* rows, nint stride, TVector* tiles)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;
}
