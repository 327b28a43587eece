using System.Runtime.CompilerServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>256 weights of 3 bits around 4; each 16 have a scale of 6 bits around 32.</summary>
internal sealed class Q3_K : TiledFormat<Q3_K.Block, HalfTiles>
{
    /// <inheritdoc/>
    public override int Id => 11;

    /// <inheritdoc/>
    public override string Name => "Q3_K";

    /// <inheritdoc/>
    private protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<float> steps = stackalloc float[16];
        for (int j = 0; j < 16; j++)
            steps[j] = Scalars.Furthest(values.Slice(j * 16, 16)) / -4;
        float d = Scalars.StoreHalf(block, 108, MathF.Abs(Scalars.Furthest(steps)) / 31);
        block[..108].Clear();
        for (int j = 0; j < 16; j++)
        {
            int scale = Scalars.Round(steps[j] * Scalars.Inverse(d), -31, 31);
            block[96 + (j % 8)] |= (byte)((scale + 32 & 15) << (j / 8 * 4));
            block[104 + (j % 4)] |= (byte)(scale + 32 >> 4 << (j / 4 * 2));
            float inverse = Scalars.Inverse(d * scale);
            for (int i = j * 16; i < (j + 1) * 16; i++)
            {
                int q = Scalars.Round(values[i] * inverse, -4, 3) + 4;
                block[32 + (i / 128 * 32) + (i % 32)] |= (byte)((q & 3) << (i / 32 % 4 * 2));
                block[i % 32] |= (byte)(q >> 2 << (i / 32));
            }
        }
    }

    /// <summary>
    /// 32 bytes of third bits, 64 bytes of lower bits as in Q2_K, 12 bytes of scales, f16 d: w = d · (scale − 32) · (q
    /// − 4).
    /// </summary>
    internal readonly unsafe struct Block : ITiledBlock
    {
        /// <summary>
        /// Six bits of scale <paramref name="j"/> (0 to 15): four in the first eight bytes, two in the last four.
        /// </summary>
        private static int Scale(ReadOnlySpan<byte> packed, int j)
        {
            int low = packed[j % 8] >> (j / 8 * 4) & 15;
            int high = packed[8 + (j % 4)] >> (j / 4 * 2) & 3;
            return low | (high << 4);
        }

        public static int Length => 256;

        public static int Bytes => 110;

        public static bool OddFirst => false;

        public static TileShape Shape => TileShape.Halves;

        /// <summary>Scales before the weights.</summary>
        public static ReadOnlySpan<byte> WordRuns => [24, 3, 0, 24];

        public static int Offset => 4;

        public static int Share => 4;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 108);
            for (int i = 0; i < Length; i++)
            {
                int q = block[32 + (i / 128 * 32) + (i % 32)] >> (i / 32 % 4 * 2) & 3;
                int third = block[i % 32] >> (i / 32) & 1;
                values[i] = d * (Scale(block.Slice(96, 12), i / 16) - 32) * (q + (third * 4) - 4);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Weights<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int group, int member, int j)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            var two = TLanes.And(
                TLanes.ShiftRight(unit[11 + (8 * group) + j], 2 * member), TLanes.Broadcast(0x03030303));

            // The third bits of a group's four members are neighbours: one shift by a variable serves them all.
            var third = TLanes.ShiftRight(unit[3 + j], 4 * group);
            third = member switch
            {
                0 => TLanes.ShiftLeft(third, 2),
                1 => TLanes.ShiftLeft(third, 1),
                2 => third,
                _ => TLanes.ShiftRight(third, 1),
            };
            return TLanes.Or(two, TLanes.And(third, TLanes.Broadcast(0x04040404)));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            var d = Tile.LowHalf<TLanes, TVector>(unit.OddHalf);
            var minus = TLanes.Broadcast(0xC2000000); // −32
            for (int t = 0; t < 8; t++, tiles += Tile.Vectors)
            {
                var pair = TLanes.ShiftRight(SixBits(unit, t / 2), t % 2 * 16);
                tiles[Tile.Scale] = TLanes.Multiply(
                    TLanes.AddSingles(Tile.ByteToSingle<TLanes, TVector>(pair, 0), minus), d);
                tiles[Tile.Scale + 1] = TLanes.Multiply(
                    TLanes.AddSingles(Tile.ByteToSingle<TLanes, TVector>(pair, 1), minus), d);
            }
        }

        /// <summary>Four of the sixteen scales, a byte each: four bits of the first two words, two of the third.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static TVector SixBits<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int four)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            var low = TLanes.ShiftRight(unit[four % 2], four / 2 * 4);
            var high = TLanes.ShiftRight(unit[2], four * 2);
            return TLanes.Or(
                TLanes.And(low, TLanes.Broadcast(0x0F0F0F0F)),
                TLanes.ShiftLeft(TLanes.And(high, TLanes.Broadcast(0x03030303)), 4));
        }
    }
}
