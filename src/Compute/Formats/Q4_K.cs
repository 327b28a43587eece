using System.Runtime.CompilerServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>256 weights of 4 bits; each 32 have a scale and a minimum of 6 bits.</summary>
internal sealed class Q4_K : TiledFormat<Q4_K.Block, SmallTiles>
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
    internal readonly unsafe struct Block : ITiledBlock
    {
        public static int Length => 256;

        public static int Bytes => 144;

        public static TileShape Shape => TileShape.NibblesMin;

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
                    int q = block[16 + (j / 2 * 32) + i] >> (j % 2 * 4) & 15;
                    values[(j * 32) + i] = (d * scale * q) - (dmin * min);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Weights<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int group, int member, int j)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged => member == 0
            ? Tile.Low<TLanes, TVector>(unit[4 + (8 * group) + j])
            : Tile.High<TLanes, TVector>(unit[4 + (8 * group) + j]);


        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            SixBitScales.Unpack<TLanes, TVector>(unit[0], unit[1], unit[2], unit[3], tiles);
    }
}
