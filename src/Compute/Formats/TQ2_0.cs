using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>256 ternary weights of 2 bits, and one scale.</summary>
internal sealed class TQ2_0 : TiledFormat<TQ2_0.Block>
{
    /// <inheritdoc/>
    public override int Id => 35;

    /// <inheritdoc/>
    public override string Name => "TQ2_0";

    /// <summary>64 bytes of 2-bit weights as in Q2_K, f16 d: w = d · (q − 1).</summary>
    internal readonly unsafe struct Block : ITiledBlock
    {
        public static int Length => 256;

        public static int Bytes => 66;

        public static TileShape Shape => TileShape.Nibbles;

        public static int Offset => 1;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 64);
            for (int i = 0; i < Length; i++)
                values[i] = ((block[(i / 128 * 32) + (i % 32)] >> (i / 32 % 4 * 2) & 3) - 1) * d;
        }

        public static void Unpack<TLanes, TVector>(byte* rows, nint stride, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            var d = Tile.HighHalf<TLanes, TVector>(TLanes.Gather(rows + 62, stride));
            var two = stackalloc TVector[8];
            for (int half = 0; half < 2; half++)
            {
                Tile.Load32<TLanes, TVector>(rows + (32 * half), stride, two);
                for (int run = 0; run < 4; run++, tiles += Tile.Vectors)
                {
                    for (int j = 0; j < 8; j++)
                    {
                        tiles[j] = TLanes.And(two[j], TLanes.Broadcast(0x03030303));
                        two[j] = TLanes.ShiftRight(two[j], 2);
                    }

                    tiles[Tile.Scale] = d;
                }
            }
        }
    }
}
