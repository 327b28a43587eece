using System.Runtime.CompilerServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>256 weights of 6 bits around 32; each 16 have a signed scale of 8 bits.</summary>
internal sealed class Q6_K : TiledFormat<Q6_K.Block, HalfTiles>
{
    /// <inheritdoc/>
    public override int Id => 14;

    /// <inheritdoc/>
    public override string Name => "Q6_K";

    /// <inheritdoc/>
    private protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<float> steps = stackalloc float[16];
        for (int j = 0; j < 16; j++)
            steps[j] = Scalars.Furthest(values.Slice(j * 16, 16)) / -32;
        float d = Scalars.StoreHalf(block, 208, MathF.Abs(Scalars.Furthest(steps)) / 127);
        block[..192].Clear();
        for (int j = 0; j < 16; j++)
        {
            int scale = Scalars.Round(steps[j] * Scalars.Inverse(d), -127, 127);
            block[192 + j] = (byte)scale;
            float inverse = Scalars.Inverse(d * scale);
            for (int i = j * 16; i < (j + 1) * 16; i++)
            {
                int q = Scalars.Round(values[i] * inverse, -32, 31) + 32;
                int half = i / 128;
                int run = i / 32 % 4;
                block[(half * 64) + (run % 2 * 32) + (i % 32)] |= (byte)((q & 15) << (run / 2 * 4));
                block[128 + (half * 32) + (i % 32)] |= (byte)(q >> 4 << (run * 2));
            }
        }
    }

    /// <summary>
    /// 128 bytes of low nibbles, 64 bytes of high pairs of bits, 16 i8 scales, f16 d: w = d · scale · (q − 32).
    /// </summary>
    internal readonly unsafe struct Block : ITiledBlock
    {
        public static int Length => 256;

        public static int Bytes => 210;

        public static bool OddFirst => false;

        public static TileShape Shape => TileShape.Halves;

        /// <summary>Scales; of each half the low nibbles of one run, the high bits, the other run's nibbles.</summary>
        public static ReadOnlySpan<byte> WordRuns => [48, 4, 0, 8, 32, 8, 8, 8, 16, 8, 40, 8, 24, 8];

        public static int Offset => 32;

        public static int Share => 4;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 208);
            for (int i = 0; i < Length; i++)
            {
                // In each half, run r of 32 takes nibble r / 2 of the 64 low bytes and bits 2r of the 32 high ones.
                int half = i / 128;
                int run = i / 32 % 4;
                int low = block[(half * 64) + (run % 2 * 32) + (i % 32)] >> (run / 2 * 4) & 15;
                int high = block[128 + (half * 32) + (i % 32)] >> (run * 2) & 3;
                values[i] = d * (sbyte)block[192 + (i / 16)] * ((low | (high << 4)) - 32);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Weights<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int group, int member, int j)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            // Members 0 and 1 are the low nibbles of two runs of 32 bytes, members 2 and 3 their high ones.
            var four = unit[4 + (24 * group) + (16 * (member % 2)) + j];
            var two = unit[12 + (24 * group) + j];
            two = member switch
            {
                0 => TLanes.ShiftLeft(two, 4),
                1 => TLanes.ShiftLeft(two, 2),
                2 => two,
                _ => TLanes.ShiftRight(two, 2),
            };
            return TLanes.Or(
                member < 2 ? Tile.Low<TLanes, TVector>(four) : Tile.High<TLanes, TVector>(four),
                TLanes.And(two, TLanes.Broadcast(0x30303030)));
        }


        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            var d = Tile.LowHalf<TLanes, TVector>(unit.OddHalf);
            for (int word = 0; word < 4; word++, tiles += 2 * Tile.Vectors)
            {
                var four = unit[word];
                tiles[Tile.Scale] = TLanes.Multiply(Tile.SignedByteToSingle<TLanes, TVector>(four, 0), d);
                tiles[Tile.Scale + 1] = TLanes.Multiply(Tile.SignedByteToSingle<TLanes, TVector>(four, 1), d);
                var next = tiles + Tile.Vectors;
                next[Tile.Scale] = TLanes.Multiply(Tile.SignedByteToSingle<TLanes, TVector>(four, 2), d);
                next[Tile.Scale + 1] = TLanes.Multiply(Tile.SignedByteToSingle<TLanes, TVector>(four, 3), d);
            }
        }
    }
}
