using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>32 signed bytes and one scale.</summary>
internal sealed class Q8_0 : TiledFormat<Q8_0.Block>
{
    /// <inheritdoc/>
    public override int Id => 8;

    /// <inheritdoc/>
    public override string Name => "Q8_0";

    /// <summary>f16 d, then 32 i8: w = d · q.</summary>
    internal readonly unsafe struct Block : ITiledBlock
    {
        public static int Length => 32;

        public static int Bytes => 34;

        public static TileShape Shape => TileShape.Bytes;

        public static int Offset => 128;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 0);
            for (int i = 0; i < Length; i++)
                values[i] = (sbyte)block[2 + i] * d;
        }

        public static void Unpack<TLanes, TVector>(byte* rows, nint stride, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            Tile.Load32<TLanes, TVector>(rows + 2, stride, tiles);
            for (int j = 0; j < 8; j++)
                tiles[j] = TLanes.Xor(tiles[j], TLanes.Broadcast(0x80808080));
            tiles[Tile.Scale] = Tile.LowHalf<TLanes, TVector>(TLanes.Gather(rows, stride));
        }
    }
}
