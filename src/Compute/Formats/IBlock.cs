using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>
/// One block of an encoding: its size, how it is decoded, and how rows of it become tiles of integers.
/// </summary>
internal unsafe interface IBlock
{
    /// <summary>Weights in the block: 32 · the tiles that <see cref="Unpack"/> writes.</summary>
    static abstract int Length { get; }

    /// <summary>Bytes of the block.</summary>
    static abstract int Bytes { get; }

    /// <summary>
    /// Which integer kernel multiplies the tiles; <see cref="TileShape.None"/> leaves it to the f32 one.
    /// </summary>
    static abstract TileShape Shape { get; }

    /// <summary>Subtracted from every unsigned weight of a tile.</summary>
    static abstract int Offset { get; }

    /// <summary>Decodes one block; the reference that every kernel is tested against.</summary>
    /// <param name="block">[<see cref="Bytes"/>].</param>
    /// <param name="values">[<see cref="Length"/>] f32.</param>
    static abstract void Dequantize(ReadOnlySpan<byte> block, Span<float> values);

    /// <summary>
    /// Turns one block of each of several rows into tiles: [Length / 32, <see cref="Tile.Vectors"/>].
    /// </summary>
    /// <param name="rows">The block in the first row.</param>
    /// <param name="stride">Bytes from a row to the next.</param>
    /// <param name="tiles">[Length / 32] tiles, overwritten.</param>
    static abstract void Unpack<TLanes, TVector>(byte* rows, nint stride, TVector* tiles)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;
}
