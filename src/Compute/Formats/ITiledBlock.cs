using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>A block of small integers under scales: its rows become tiles, which the integer kernels multiply.</summary>
internal unsafe interface ITiledBlock : IBlock
{
    /// <summary>Which integer kernel multiplies the tiles.</summary>
    static abstract TileShape Shape { get; }

    /// <summary>Subtracted from every unsigned weight of a tile.</summary>
    static abstract int Offset { get; }

    /// <summary>
    /// How many neighbouring tiles are parts of the same words (1, 2 or 4): tile t is number t % Share of group t / Share.
    /// </summary>
    static abstract int Share { get; }

    /// <summary>Writes the scales and mins of the block's tiles, as <see cref="Tile"/> says.</summary>
    /// <param name="unit">The block of some rows.</param>
    /// <param name="tiles">[Length / 32, <see cref="Tile.Vectors"/>]; what the shape does not use stays.</param>
    static abstract void Scales<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, TVector* tiles)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;

    /// <summary>Weights 4j to 4j + 3 of one tile, unsigned, a byte each.</summary>
    /// <param name="unit">The block of some rows.</param>
    /// <param name="group">0 to Length / 32 / <see cref="Share"/>.</param>
    /// <param name="member">0 to <see cref="Share"/>; a constant where it is called, so that shifts are.</param>
    /// <param name="j">0 to 7, a constant as well.</param>
    static abstract TVector Weights<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int group, int member, int j)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;
}
