using System.Runtime.CompilerServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>256 weights of 5 bits; each 32 have a scale and a minimum of 6 bits.</summary>
internal sealed class Q5_K : ColumnFormat<Q5_K.Block>
{
    /// <inheritdoc/>
    public override int Id => 13;

    /// <inheritdoc/>
    public override string Name => "Q5_K";

    /// <inheritdoc/>
    private protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> levels = stackalloc byte[256];
        SixBitScales.Quantize(values, 31, block, levels);
        block.Slice(16, 32).Clear();
        for (int i = 0; i < 256; i++)
            block[16 + (i % 32)] |= (byte)(levels[i] >> 4 << (i / 32));
        for (int i = 0; i < 128; i++)
        {
            int first = (i / 32 * 64) + (i % 32);
            block[48 + i] = (byte)((levels[first] & 15) | (levels[first + 32] << 4));
        }
    }

    /// <summary>
    /// As Q4_K, with 32 bytes of fifth bits (bit j of byte i belongs to weight i of run j) before the nibbles.
    /// </summary>
    internal readonly unsafe struct Block : IColumnBlock
    {
        public static int Length => 256;

        public static int Bytes => 176;

        public static TileShape Shape => TileShape.FiveBitsMin;

        public static int Offset => 0;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 0);
            float dmin = Scalars.Half(block, 2);
            for (int j = 0; j < 8; j++)
            {
                var (scale, min) = SixBitScales.At(block.Slice(4, 12), j);
                for (int i = 0; i < 32; i++)
                {
                    int q = (block[48 + (j / 2 * 32) + i] >> (j % 2 * 4) & 15) | ((block[16 + i] >> j & 1) << 4);
                    values[(j * 32) + i] = (d * scale * q) - (dmin * min);
                }
            }
        }

        public static void Unpack<TLanes, TVector>(byte* rows, nint stride, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            TLanes.Transpose(rows, stride, out var halves, out var s0, out var s1, out var s2);
            SixBitScales.Unpack<TLanes, TVector>(halves, s0, s1, s2, tiles);
            var high = stackalloc TVector[8];
            Tile.Load32<TLanes, TVector>(rows + 16, stride, high);
            for (int pair = 0; pair < 4; pair++, rows += 32, tiles += 2 * Tile.Vectors)
            {
                var second = tiles + Tile.Vectors;
                Tile.Load32<TLanes, TVector>(rows + 48, stride, second);
                var bit = TLanes.Broadcast(0x10101010);
                for (int j = 0; j < 8; j++)
                {
                    // The next two fifth bits of every byte lie in its lowest two.
                    tiles[j] = TLanes.Or(
                        Tile.Low<TLanes, TVector>(second[j]), TLanes.And(TLanes.ShiftLeft(high[j], 4), bit));
                    second[j] = TLanes.Or(
                        Tile.High<TLanes, TVector>(second[j]), TLanes.And(TLanes.ShiftLeft(high[j], 3), bit));
                    high[j] = TLanes.ShiftRight(high[j], 2);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector AddColumn<TLanes, TVector>(
            byte* rows, nint stride, byte* record, TVector* scratch, TVector sum)
            where TLanes : ISegmentLanes<TVector>
            where TVector : unmanaged
        {
            TLanes.Transpose(rows, stride, out var halves, out var s0, out var s1, out var s2);
            SixBitScales.Unpack<TLanes, TVector>(halves, s0, s1, s2, scratch);
            TLanes.Segments(rows + 16, stride, out var ha, out var hb, out var hc, out var hd);
            TLanes.Segments(rows + 32, stride, out var he, out var hf, out var hg, out var hh);
            for (int pair = 0; pair < 4; pair++, rows += 32)
            {
                TLanes.Segments(rows + 48, stride, out var a, out var b, out var c, out var d);
                TLanes.Segments(rows + 64, stride, out var e, out var f, out var g, out var h);
                var dot = TLanes.Add(
                    Dot<TLanes, TVector>(
                        Join<TLanes, TVector>(Tile.Low<TLanes, TVector>(a), TLanes.ShiftLeft(ha, 4)),
                        Join<TLanes, TVector>(Tile.Low<TLanes, TVector>(b), TLanes.ShiftLeft(hb, 4)),
                        Join<TLanes, TVector>(Tile.Low<TLanes, TVector>(c), TLanes.ShiftLeft(hc, 4)),
                        Join<TLanes, TVector>(Tile.Low<TLanes, TVector>(d), TLanes.ShiftLeft(hd, 4)),
                        record),
                    Dot<TLanes, TVector>(
                        Join<TLanes, TVector>(Tile.Low<TLanes, TVector>(e), TLanes.ShiftLeft(he, 4)),
                        Join<TLanes, TVector>(Tile.Low<TLanes, TVector>(f), TLanes.ShiftLeft(hf, 4)),
                        Join<TLanes, TVector>(Tile.Low<TLanes, TVector>(g), TLanes.ShiftLeft(hg, 4)),
                        Join<TLanes, TVector>(Tile.Low<TLanes, TVector>(h), TLanes.ShiftLeft(hh, 4)),
                        record + 16));
                sum = Segment.ScaledAndMin<TLanes, TVector>(dot, scratch, record, sum);
                record += ActivationRecord.Bytes;
                scratch += Tile.Vectors;
                dot = TLanes.Add(
                    Dot<TLanes, TVector>(
                        Join<TLanes, TVector>(Tile.High<TLanes, TVector>(a), TLanes.ShiftLeft(ha, 3)),
                        Join<TLanes, TVector>(Tile.High<TLanes, TVector>(b), TLanes.ShiftLeft(hb, 3)),
                        Join<TLanes, TVector>(Tile.High<TLanes, TVector>(c), TLanes.ShiftLeft(hc, 3)),
                        Join<TLanes, TVector>(Tile.High<TLanes, TVector>(d), TLanes.ShiftLeft(hd, 3)),
                        record),
                    Dot<TLanes, TVector>(
                        Join<TLanes, TVector>(Tile.High<TLanes, TVector>(e), TLanes.ShiftLeft(he, 3)),
                        Join<TLanes, TVector>(Tile.High<TLanes, TVector>(f), TLanes.ShiftLeft(hf, 3)),
                        Join<TLanes, TVector>(Tile.High<TLanes, TVector>(g), TLanes.ShiftLeft(hg, 3)),
                        Join<TLanes, TVector>(Tile.High<TLanes, TVector>(h), TLanes.ShiftLeft(hh, 3)),
                        record + 16));
                sum = Segment.ScaledAndMin<TLanes, TVector>(dot, scratch, record, sum);
                record += ActivationRecord.Bytes;
                scratch += Tile.Vectors;
                (ha, hb) = (TLanes.ShiftRight(ha, 2), TLanes.ShiftRight(hb, 2));
                (hc, hd) = (TLanes.ShiftRight(hc, 2), TLanes.ShiftRight(hd, 2));
                (he, hf) = (TLanes.ShiftRight(he, 2), TLanes.ShiftRight(hf, 2));
                (hg, hh) = (TLanes.ShiftRight(hg, 2), TLanes.ShiftRight(hh, 2));
            }

            return sum;
        }

        /// <summary>Four bits and, from bit 4 of every byte, the fifth.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static TVector Join<TLanes, TVector>(TVector four, TVector fifth)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            TLanes.Or(four, TLanes.And(fifth, TLanes.Broadcast(0x10101010)));

        /// <summary>i32 sums of sixteen products of each row.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static TVector Dot<TLanes, TVector>(TVector a, TVector b, TVector c, TVector d, byte* activations)
            where TLanes : ISegmentLanes<TVector>
            where TVector : unmanaged
        {
            // Eight products of at most 31 · 127 meet in sixteen bits.
            var x = TLanes.Repeat(activations);
            var shorts = TLanes.SumSegmentShorts(
                TLanes.MultiplyAddBytes(a, x), TLanes.MultiplyAddBytes(b, x),
                TLanes.MultiplyAddBytes(c, x), TLanes.MultiplyAddBytes(d, x));
            return TLanes.MultiplyAddShorts(shorts, TLanes.Broadcast(0x00010001));
        }
    }
}
