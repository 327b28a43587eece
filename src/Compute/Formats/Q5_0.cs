using System.Runtime.CompilerServices;
using System.Buffers.Binary;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>32 weights of 5 bits around 16, and one scale.</summary>
internal sealed class Q5_0 : TiledFormat<Q5_0.Block, SmallTiles>
{
    /// <inheritdoc/>
    public override int Id => 6;

    /// <inheritdoc/>
    public override string Name => "Q5_0";

    /// <inheritdoc/>
    private protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        float inverse = Scalars.Inverse(Scalars.StoreHalf(block, 0, Scalars.Furthest(values) / -16));
        uint fifths = 0;
        for (int i = 0; i < 16; i++)
        {
            int low = Scalars.Round(values[i] * inverse, -16, 15) + 16;
            int high = Scalars.Round(values[i + 16] * inverse, -16, 15) + 16;
            block[6 + i] = (byte)((low & 15) | (high << 4));
            fifths |= (uint)(low >> 4) << i | (uint)(high >> 4) << (i + 16);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(block[2..], fifths);
    }

    /// <summary>f16 d, 32 fifth bits, then 16 bytes of nibbles as in Q4_0: w = d · (q − 16).</summary>
    internal readonly unsafe struct Block : ITiledBlock
    {
        public static int Length => 32;

        public static int Bytes => 22;

        public static TileShape Shape => TileShape.FiveBits;

        public static int Offset => 16;

        public static int Share => 1;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 0);
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(block[2..]);
            for (int i = 0; i < 16; i++)
            {
                int low = (block[6 + i] & 15) | (int)(high >> i << 4 & 16);
                int upper = (block[6 + i] >> 4) | (int)(high >> (i + 16) << 4 & 16);
                values[i] = (low - 16) * d;
                values[i + 16] = (upper - 16) * d;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Weights<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int group, int member, int j)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            TLanes.Or(Tile.Nibbles<TLanes, TVector>(unit, 1, j), Tile.FifthBits<TLanes, TVector>(unit[0], j));


        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            tiles[Tile.Scale] = Tile.LowHalf<TLanes, TVector>(unit.OddHalf);
    }
}
