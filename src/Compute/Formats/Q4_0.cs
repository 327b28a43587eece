using System.Runtime.CompilerServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>32 weights of 4 bits around 8, and one scale.</summary>
internal sealed class Q4_0 : TiledFormat<Q4_0.Block, SmallTiles>
{
    /// <inheritdoc/>
    public override int Id => 2;

    /// <inheritdoc/>
    public override string Name => "Q4_0";

    /// <inheritdoc/>
    private protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        // The furthest weight becomes −8, the one level that has no opposite.
        float inverse = Scalars.Inverse(Scalars.StoreHalf(block, 0, Scalars.Furthest(values) / -8));
        for (int i = 0; i < 16; i++)
        {
            int low = Scalars.Round(values[i] * inverse, -8, 7) + 8;
            int high = Scalars.Round(values[i + 16] * inverse, -8, 7) + 8;
            block[2 + i] = (byte)(low | (high << 4));
        }
    }

    /// <summary>
    /// f16 d, then 16 bytes: weight i in the low nibble of byte i, weight i + 16 in the high one; w = d · (q − 8).
    /// </summary>
    internal readonly unsafe struct Block : ITiledBlock
    {
        public static int Length => 32;

        public static int Bytes => 18;

        public static TileShape Shape => TileShape.Nibbles;

        public static int Offset => 8;

        public static int Share => 1;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 0);
            for (int i = 0; i < 16; i++)
            {
                values[i] = ((block[2 + i] & 15) - 8) * d;
                values[i + 16] = ((block[2 + i] >> 4) - 8) * d;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Weights<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int group, int member, int j)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            Tile.Nibbles<TLanes, TVector>(unit, 0, j);


        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            tiles[Tile.Scale] = Tile.LowHalf<TLanes, TVector>(unit.OddHalf);
    }
}
