using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>256 weights of 3 bits around 4; each 16 have a scale of 6 bits around 32.</summary>
internal sealed class Q3_K : TiledFormat<Q3_K.Block>
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

        public static TileShape Shape => TileShape.Halves;

        public static int Offset => 4;

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

        /// <summary>The sixteen scales as bytes of four vectors.</summary>
        private static void UnpackScales<TLanes, TVector>(byte* rows, nint stride, TVector* scales)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            var a = TLanes.Gather(rows, stride);
            var b = TLanes.Gather(rows + 4, stride);
            var high = TLanes.Gather(rows + 8, stride);
            var pairs = TLanes.Broadcast(0x30303030);
            scales[0] = TLanes.Or(Tile.Low<TLanes, TVector>(a), TLanes.And(TLanes.ShiftLeft(high, 4), pairs));
            scales[1] = TLanes.Or(Tile.Low<TLanes, TVector>(b), TLanes.And(TLanes.ShiftLeft(high, 2), pairs));
            scales[2] = TLanes.Or(Tile.High<TLanes, TVector>(a), TLanes.And(high, pairs));
            scales[3] = TLanes.Or(Tile.High<TLanes, TVector>(b), TLanes.And(TLanes.ShiftRight(high, 2), pairs));
        }

        public static void Unpack<TLanes, TVector>(byte* rows, nint stride, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            var d = Tile.HighHalf<TLanes, TVector>(TLanes.Gather(rows + 106, stride));
            var scales = stackalloc TVector[4];
            var third = stackalloc TVector[8];
            UnpackScales<TLanes, TVector>(rows + 96, stride, scales);
            Tile.Load32<TLanes, TVector>(rows, stride, third);
            var two = stackalloc TVector[8];
            for (int half = 0; half < 2; half++)
            {
                Tile.Load32<TLanes, TVector>(rows + 32 + (32 * half), stride, two);
                for (int run = 0; run < 4; run++, tiles += Tile.Vectors)
                {
                    for (int j = 0; j < 8; j++)
                    {
                        tiles[j] = TLanes.Or(
                            TLanes.And(two[j], TLanes.Broadcast(0x03030303)),
                            TLanes.And(TLanes.ShiftLeft(third[j], 2), TLanes.Broadcast(0x04040404)));
                        two[j] = TLanes.ShiftRight(two[j], 2);
                        third[j] = TLanes.ShiftRight(third[j], 1);
                    }

                    int t = (half * 4) + run;
                    var pair = t % 2 == 0 ? scales[t / 2] : TLanes.ShiftRight(scales[t / 2], 16);
                    var minus = TLanes.Broadcast(0xC2000000); // −32
                    tiles[Tile.Scale] = TLanes.Multiply(
                        TLanes.AddSingles(Tile.ByteToSingle<TLanes, TVector>(pair, 0), minus), d);
                    tiles[Tile.Scale + 1] = TLanes.Multiply(
                        TLanes.AddSingles(Tile.ByteToSingle<TLanes, TVector>(pair, 1), minus), d);
                }
            }
        }
    }
}
