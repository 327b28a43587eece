using System.Runtime.CompilerServices;
using System.Buffers.Binary;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>32 weights of 5 bits, a scale and a minimum.</summary>
internal sealed class Q5_1 : TiledFormat<Q5_1.Block, SmallTiles>
{
    /// <inheritdoc/>
    public override int Id => 7;

    /// <inheritdoc/>
    public override string Name => "Q5_1";

    /// <inheritdoc/>
    private protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        var (min, max) = Scalars.Range(values);
        float inverse = Scalars.Inverse(Scalars.StoreHalf(block, 0, (max - min) / 31));
        min = Scalars.StoreHalf(block, 2, min);
        uint fifths = 0;
        for (int i = 0; i < 16; i++)
        {
            int low = Scalars.Round((values[i] - min) * inverse, 0, 31);
            int high = Scalars.Round((values[i + 16] - min) * inverse, 0, 31);
            block[8 + i] = (byte)((low & 15) | (high << 4));
            fifths |= (uint)(low >> 4) << i | (uint)(high >> 4) << (i + 16);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(block[4..], fifths);
    }

    /// <summary>f16 d, f16 m, 32 fifth bits, then 16 bytes of nibbles as in Q4_0: w = d · q + m.</summary>
    internal readonly unsafe struct Block : ITiledBlock
    {
        public static int Length => 32;

        public static int Bytes => 24;

        public static TileShape Shape => TileShape.FiveBitsMin;

        public static int Offset => 0;

        public static int Share => 1;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 0);
            float m = Scalars.Half(block, 2);
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(block[4..]);
            for (int i = 0; i < 16; i++)
            {
                int low = (block[8 + i] & 15) | (int)(high >> i << 4 & 16);
                int upper = (block[8 + i] >> 4) | (int)(high >> (i + 16) << 4 & 16);
                values[i] = (low * d) + m;
                values[i + 16] = (upper * d) + m;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Weights<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int group, int member, int j)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            TLanes.Or(Tile.Nibbles<TLanes, TVector>(unit, 2, j), Tile.FifthBits<TLanes, TVector>(unit[1], j));


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
