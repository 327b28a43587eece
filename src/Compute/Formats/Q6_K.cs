using System.Runtime.CompilerServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>256 weights of 6 bits around 32; each 16 have a signed scale of 8 bits.</summary>
internal sealed class Q6_K : ColumnFormat<Q6_K.Block>
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
    internal readonly unsafe struct Block : IColumnBlock
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

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector AddColumn<TLanes, TVector>(
            byte* rows, nint stride, byte* record, TVector* scratch, TVector sum)
            where TLanes : ISegmentLanes<TVector>
            where TVector : unmanaged
        {
            // Integer dots first, a vector for each sixteen weights: one load serves runs that are not neighbours.
            for (int h = 0; h < 4; h++)
            {
                byte* low = rows + (64 * (h / 2)) + (16 * (h % 2));
                byte* x = record + (4 * ActivationRecord.Bytes * (h / 2));
                var dots = scratch + (8 * (h / 2)) + (h % 2);
                TLanes.Segments(rows + 128 + (16 * h), stride, out var ha, out var hb, out var hc, out var hd);
                for (int run = 0; run < 2; run++, x += ActivationRecord.Bytes, low += 32, dots += 2)
                {
                    TLanes.Segments(low, stride, out var a, out var b, out var c, out var d);
                    dots[0] = Dot<TLanes, TVector>(
                        Join<TLanes, TVector>(Tile.Low<TLanes, TVector>(a), TLanes.ShiftLeft(ha, 4)),
                        Join<TLanes, TVector>(Tile.Low<TLanes, TVector>(b), TLanes.ShiftLeft(hb, 4)),
                        Join<TLanes, TVector>(Tile.Low<TLanes, TVector>(c), TLanes.ShiftLeft(hc, 4)),
                        Join<TLanes, TVector>(Tile.Low<TLanes, TVector>(d), TLanes.ShiftLeft(hd, 4)),
                        x, h % 2);
                    dots[4] = Dot<TLanes, TVector>(
                        Join<TLanes, TVector>(Tile.High<TLanes, TVector>(a), ha),
                        Join<TLanes, TVector>(Tile.High<TLanes, TVector>(b), hb),
                        Join<TLanes, TVector>(Tile.High<TLanes, TVector>(c), hc),
                        Join<TLanes, TVector>(Tile.High<TLanes, TVector>(d), hd),
                        x + (2 * ActivationRecord.Bytes), h % 2);
                    ha = TLanes.ShiftRight(ha, 2);
                    hb = TLanes.ShiftRight(hb, 2);
                    hc = TLanes.ShiftRight(hc, 2);
                    hd = TLanes.ShiftRight(hd, 2);
                }
            }

            var factor = Tile.HighHalf<TLanes, TVector>(TLanes.Gather(rows + 206, stride));
            var scales = scratch + 16;
            TLanes.Transpose(rows + 192, stride, out scales[0], out scales[1], out scales[2], out scales[3]);
            for (int t = 0; t < 8; t++, scratch += 2, record += ActivationRecord.Bytes)
            {
                var pair = t % 2 == 0 ? scales[t / 2] : TLanes.ShiftRight(scales[t / 2], 16);
                var scale0 = TLanes.Multiply(Tile.SignedByteToSingle<TLanes, TVector>(pair, 0), factor);
                var scale1 = TLanes.Multiply(Tile.SignedByteToSingle<TLanes, TVector>(pair, 1), factor);
                sum = Segment.Scaled<TLanes, TVector>(scratch[0], scale0, record, sum);
                sum = Segment.Scaled<TLanes, TVector>(scratch[1], scale1, record, sum);
            }

            return sum;
        }

        /// <summary>Four bits and, from bits 4 and 5 of every byte, two above them.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static TVector Join<TLanes, TVector>(TVector four, TVector two)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            TLanes.Or(four, TLanes.And(two, TLanes.Broadcast(0x30303030)));

        /// <summary>i32 sums of sixteen products (w − 32) · x of each row.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static TVector Dot<TLanes, TVector>(
            TVector a, TVector b, TVector c, TVector d, byte* record, int half)
            where TLanes : ISegmentLanes<TVector>
            where TVector : unmanaged
        {
            // The sixteen bits may wrap in between, as in the tiles' kernel: with the offset's share they are in range.
            var x = TLanes.Repeat(record + (16 * half));
            var seed = Segment.Activations<TLanes, TVector>(record, ActivationRecord.FirstSeedAt + (4 * half));
            var shorts = TLanes.SumSegmentShorts(
                TLanes.MultiplyAddBytes(a, x), TLanes.MultiplyAddBytes(b, x),
                TLanes.MultiplyAddBytes(c, x), TLanes.MultiplyAddBytes(d, x));
            return TLanes.MultiplyAddShorts(TLanes.AddShorts(shorts, seed), TLanes.Broadcast(0x00010001));
        }
    }
}
