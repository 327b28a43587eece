using System.Runtime.CompilerServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>256 weights of 5 bits; each 32 have a scale and a minimum of 6 bits.</summary>
internal sealed class Q5_K : TiledFormat<Q5_K.Block, SmallTiles>
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
    internal readonly unsafe struct Block : ITiledBlock
    {
        public static int Length => 256;

        public static int Bytes => 176;

        public static TileShape Shape => TileShape.FiveBitsMin;

        public static int Offset => 0;

        public static int Share => 2;

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

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Weights<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int group, int member, int j)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            var four = unit[12 + (8 * group) + j];

            // The fifth bits of both members are neighbours: one shift by a variable serves them.
            var fifth = TLanes.ShiftLeft(TLanes.ShiftRight(unit[4 + j], 2 * group), member == 0 ? 4 : 3);
            return TLanes.Or(
                member == 0 ? Tile.Low<TLanes, TVector>(four) : Tile.High<TLanes, TVector>(four),
                TLanes.And(fifth, TLanes.Broadcast(0x10101010)));
        }


        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            SixBitScales.Unpack<TLanes, TVector>(unit[0], unit[1], unit[2], unit[3], tiles);
    }
}
