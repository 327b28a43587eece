using System.Runtime.CompilerServices;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>32 signed bytes and one scale.</summary>
internal sealed class Q8_0 : ColumnFormat<Q8_0.Block>
{
    /// <inheritdoc/>
    public override int Id => 8;

    /// <inheritdoc/>
    public override string Name => "Q8_0";

    /// <inheritdoc/>
    private protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        float inverse = Scalars.Inverse(Scalars.StoreHalf(block, 0, MathF.Abs(Scalars.Furthest(values)) / 127));
        for (int i = 0; i < values.Length; i++)
            block[2 + i] = (byte)Scalars.Round(values[i] * inverse, -127, 127);
    }

    /// <summary>f16 d, then 32 i8: w = d · q.</summary>
    internal readonly unsafe struct Block : IColumnBlock
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

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector AddColumn<TLanes, TVector>(
            byte* rows, nint stride, byte* record, TVector* scratch, TVector sum)
            where TLanes : ISegmentLanes<TVector>
            where TVector : unmanaged
        {
            // Apart by sign, activations fit the unsigned side: sixteen bits hold two products of 127 · 128 each.
            var x = TLanes.Repeat(record);
            var (p, n) = (TLanes.PositiveBytes(x), TLanes.PositiveBytes(TLanes.NegateBytes(x)));
            TLanes.Segments(rows + 2, stride, out var a, out var b, out var c, out var d);
            a = Products<TLanes, TVector>(a, p, n);
            b = Products<TLanes, TVector>(b, p, n);
            c = Products<TLanes, TVector>(c, p, n);
            d = Products<TLanes, TVector>(d, p, n);
            x = TLanes.Repeat(record + 16);
            (p, n) = (TLanes.PositiveBytes(x), TLanes.PositiveBytes(TLanes.NegateBytes(x)));
            TLanes.Segments(rows + 18, stride, out var e, out var f, out var g, out var h);
            var dot = TLanes.SumSegments(
                TLanes.Add(a, Products<TLanes, TVector>(e, p, n)),
                TLanes.Add(b, Products<TLanes, TVector>(f, p, n)),
                TLanes.Add(c, Products<TLanes, TVector>(g, p, n)),
                TLanes.Add(d, Products<TLanes, TVector>(h, p, n)));
            var scale = Tile.LowHalf<TLanes, TVector>(TLanes.Gather(rows, stride));
            return Segment.Scaled<TLanes, TVector>(dot, scale, record, sum);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static TVector Products<TLanes, TVector>(TVector weights, TVector positive, TVector negative)
            where TLanes : ISegmentLanes<TVector>
            where TVector : unmanaged
        {
            var shorts = TLanes.SubtractShorts(
                TLanes.MultiplyAddBytes(positive, weights), TLanes.MultiplyAddBytes(negative, weights));
            return TLanes.MultiplyAddShorts(shorts, TLanes.Broadcast(0x00010001));
        }
    }
}
