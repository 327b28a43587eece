using System.Runtime.CompilerServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>32 weights of 4 bits, a scale and a minimum.</summary>
internal sealed class Q4_1 : TiledFormat<Q4_1.Block, SmallTiles>
{
    /// <inheritdoc/>
    public override int Id => 3;

    /// <inheritdoc/>
    public override string Name => "Q4_1";

    /// <inheritdoc/>
    private protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        var (min, max) = Scalars.Range(values);
        float inverse = Scalars.Inverse(Scalars.StoreHalf(block, 0, (max - min) / 15));
        min = Scalars.StoreHalf(block, 2, min);
        for (int i = 0; i < 16; i++)
        {
            int low = Scalars.Round((values[i] - min) * inverse, 0, 15);
            int high = Scalars.Round((values[i + 16] - min) * inverse, 0, 15);
            block[4 + i] = (byte)(low | (high << 4));
        }
    }

    /// <summary>f16 d, f16 m, then 16 bytes of nibbles as in Q4_0: w = d · q + m.</summary>
    internal readonly unsafe struct Block : ITiledBlock
    {
        public static int Length => 32;

        public static int Bytes => 20;

        public static TileShape Shape => TileShape.NibblesMin;

        public static int Offset => 0;

        public static int Share => 1;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 0);
            float m = Scalars.Half(block, 2);
            for (int i = 0; i < 16; i++)
            {
                values[i] = ((block[4 + i] & 15) * d) + m;
                values[i + 16] = ((block[4 + i] >> 4) * d) + m;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Weights<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int group, int member, int j)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            Tile.Nibbles<TLanes, TVector>(unit, 1, j);


        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            tiles[Tile.Scale] = Tile.LowHalf<TLanes, TVector>(unit[0]);
            tiles[Tile.Min] = Tile.HighHalf<TLanes, TVector>(unit[0]);
        }
    }
}
