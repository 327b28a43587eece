using System.Runtime.CompilerServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>256 weights of 4 bits; each 32 have a scale and a minimum of 6 bits.</summary>
internal sealed class Q4_K : ColumnFormat<Q4_K.Block>
{
    /// <inheritdoc/>
    public override int Id => 12;

    /// <inheritdoc/>
    public override string Name => "Q4_K";

    /// <inheritdoc/>
    private protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> levels = stackalloc byte[256];
        SixBitScales.Quantize(values, 15, block, levels);
        for (int i = 0; i < 128; i++)
        {
            int first = (i / 32 * 64) + (i % 32);
            block[16 + i] = (byte)(levels[first] | (levels[first + 32] << 4));
        }
    }

    /// <summary>
    /// f16 d, f16 dmin, 12 bytes of scales and mins, 128 bytes of nibbles: each 32 bytes hold two runs of 32; w = d ·
    /// scale · q − dmin · min.
    /// </summary>
    internal readonly unsafe struct Block : IColumnBlock
    {
        public static int Length => 256;

        public static int Bytes => 144;

        public static TileShape Shape => TileShape.NibblesMin;

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
                    int q = block[16 + (j / 2 * 32) + i] >> (j % 2 * 4) & 15;
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
            for (int pair = 0; pair < 4; pair++, rows += 32, tiles += 2 * Tile.Vectors)
            {
                var second = tiles + Tile.Vectors;
                Tile.Load32<TLanes, TVector>(rows + 16, stride, second);
                for (int j = 0; j < 8; j++)
                {
                    tiles[j] = Tile.Low<TLanes, TVector>(second[j]);
                    second[j] = Tile.High<TLanes, TVector>(second[j]);
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
            for (int pair = 0; pair < 4; pair++)
            {
                rows += 32;
                TLanes.Segments(rows - 16, stride, out var a, out var b, out var c, out var d);
                TLanes.Segments(rows, stride, out var e, out var f, out var g, out var h);
                var low = Segment.DotNibbles<TLanes, TVector>(
                    Tile.Low<TLanes, TVector>(a), Tile.Low<TLanes, TVector>(e),
                    Tile.Low<TLanes, TVector>(b), Tile.Low<TLanes, TVector>(f),
                    Tile.Low<TLanes, TVector>(c), Tile.Low<TLanes, TVector>(g),
                    Tile.Low<TLanes, TVector>(d), Tile.Low<TLanes, TVector>(h),
                    TLanes.Repeat(record), TLanes.Repeat(record + 16));
                sum = Segment.ScaledAndMin<TLanes, TVector>(low, scratch, record, sum);
                record += ActivationRecord.Bytes;
                scratch += Tile.Vectors;
                var high = Segment.DotNibbles<TLanes, TVector>(
                    Tile.High<TLanes, TVector>(a), Tile.High<TLanes, TVector>(e),
                    Tile.High<TLanes, TVector>(b), Tile.High<TLanes, TVector>(f),
                    Tile.High<TLanes, TVector>(c), Tile.High<TLanes, TVector>(g),
                    Tile.High<TLanes, TVector>(d), Tile.High<TLanes, TVector>(h),
                    TLanes.Repeat(record), TLanes.Repeat(record + 16));
                sum = Segment.ScaledAndMin<TLanes, TVector>(high, scratch, record, sum);
                record += ActivationRecord.Bytes;
                scratch += Tile.Vectors;
            }

            return sum;
        }
    }
}
