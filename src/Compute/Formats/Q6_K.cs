using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>256 weights of 6 bits around 32; each 16 have a signed scale of 8 bits.</summary>
internal sealed class Q6_K : TiledFormat<Q6_K.Block>
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

        public static TileShape Shape => TileShape.Halves;

        public static int Offset => 32;

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

        public static void Unpack<TLanes, TVector>(byte* rows, nint stride, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            var d = Tile.HighHalf<TLanes, TVector>(TLanes.Gather(rows + 206, stride));
            var scales = stackalloc TVector[4];
            TLanes.Transpose(rows + 192, stride, out scales[0], out scales[1], out scales[2], out scales[3]);
            var high = stackalloc TVector[8];
            for (int half = 0; half < 2; half++)
            {
                // Runs 0 and 1 of 32 are the low nibbles of the two 32 bytes, runs 2 and 3 the high ones.
                var low = tiles + (half * 4 * Tile.Vectors);
                Tile.Load32<TLanes, TVector>(rows + (64 * half), stride, low);
                Tile.Load32<TLanes, TVector>(rows + (64 * half) + 32, stride, low + Tile.Vectors);
                Tile.Load32<TLanes, TVector>(rows + 128 + (32 * half), stride, high);
                for (int run = 0; run < 2; run++, low += Tile.Vectors)
                {
                    var upper = low + (2 * Tile.Vectors);
                    for (int j = 0; j < 8; j++)
                    {
                        var pairs = TLanes.Broadcast(0x30303030);
                        upper[j] = TLanes.Or(Tile.High<TLanes, TVector>(low[j]), TLanes.And(high[j], pairs));
                        low[j] = TLanes.Or(
                            Tile.Low<TLanes, TVector>(low[j]), TLanes.And(TLanes.ShiftLeft(high[j], 4), pairs));
                        high[j] = TLanes.ShiftRight(high[j], 2);
                    }
                }
            }

            for (int t = 0; t < 8; t++, tiles += Tile.Vectors)
            {
                var pair = t % 2 == 0 ? scales[t / 2] : TLanes.ShiftRight(scales[t / 2], 16);
                tiles[Tile.Scale] = TLanes.Multiply(Tile.SignedByteToSingle<TLanes, TVector>(pair, 0), d);
                tiles[Tile.Scale + 1] = TLanes.Multiply(Tile.SignedByteToSingle<TLanes, TVector>(pair, 1), d);
            }
        }
    }
}
