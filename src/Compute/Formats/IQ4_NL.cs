using System.Runtime.CompilerServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>32 weights of 4 bits that choose from sixteen unevenly spaced values, and one scale.</summary>
internal sealed class IQ4_NL : TiledFormat<IQ4_NL.Block, ByteTiles>
{
    /// <inheritdoc/>
    public override int Id => 20;

    /// <inheritdoc/>
    public override string Name => "IQ4_NL";

    /// <inheritdoc/>
    private protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        // The furthest weight becomes the furthest level, −127.
        float inverse = Scalars.Inverse(Scalars.StoreHalf(block, 0, Scalars.Furthest(values) / -127));
        for (int i = 0; i < 16; i++)
        {
            int low = Scalars.Nearest(Block.Levels, values[i] * inverse);
            int high = Scalars.Nearest(Block.Levels, values[i + 16] * inverse);
            block[2 + i] = (byte)(low | (high << 4));
        }
    }

    /// <summary>f16 d, then 16 bytes of nibbles as in Q4_0: w = d · table[q].</summary>
    internal readonly unsafe struct Block : ITiledBlock
    {
        /// <summary>The values that a nibble chooses, denser around zero.</summary>
        internal static ReadOnlySpan<sbyte> Levels =>
            [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

        /// <summary>The same plus 128.</summary>
        internal static ReadOnlySpan<byte> RaisedLevels =>
            [1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241];

        public static int Length => 32;

        public static int Bytes => 18;

        public static TileShape Shape => TileShape.Bytes;

        public static int Offset => 128;

        public static int Share => 1;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 0);
            for (int i = 0; i < 16; i++)
            {
                values[i] = Levels[block[2 + i] & 15] * d;
                values[i + 16] = Levels[block[2 + i] >> 4] * d;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Weights<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int group, int member, int j)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            Tile.Lookup<TLanes, TVector>(RaisedLevels, Tile.Nibbles<TLanes, TVector>(unit, 0, j));


        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            tiles[Tile.Scale] = Tile.LowHalf<TLanes, TVector>(unit.OddHalf);
    }
}
