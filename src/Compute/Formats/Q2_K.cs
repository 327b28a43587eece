using System.Runtime.CompilerServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>256 weights of 2 bits; each 16 have a scale and a minimum of 4 bits.</summary>
internal sealed class Q2_K : TiledFormat<Q2_K.Block, HalfTiles>
{
    /// <inheritdoc/>
    public override int Id => 10;

    /// <inheritdoc/>
    public override string Name => "Q2_K";

    /// <inheritdoc/>
    private protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<float> steps = stackalloc float[16];
        Span<float> depths = stackalloc float[16];
        for (int j = 0; j < 16; j++)
        {
            var (min, max) = Scalars.Range(values.Slice(j * 16, 16));
            steps[j] = (max - min) / 3;
            depths[j] = -min;
        }

        float d = Scalars.StoreHalf(block, 80, Scalars.Furthest(steps) / 15);
        float dmin = Scalars.StoreHalf(block, 82, Scalars.Furthest(depths) / 15);
        block.Slice(16, 64).Clear();
        for (int j = 0; j < 16; j++)
        {
            int scale = Scalars.Round(steps[j] * Scalars.Inverse(d), 0, 15);
            int min = Scalars.Round(depths[j] * Scalars.Inverse(dmin), 0, 15);
            block[j] = (byte)(scale | (min << 4));
            float inverse = Scalars.Inverse(d * scale);
            for (int i = j * 16; i < (j + 1) * 16; i++)
            {
                int q = Scalars.Round((values[i] + (dmin * min)) * inverse, 0, 3);
                block[16 + (i / 128 * 32) + (i % 32)] |= (byte)(q << (i / 32 % 4 * 2));
            }
        }
    }

    /// <summary>
    /// 16 bytes of (scale, min) nibbles, 64 bytes of 2-bit weights, f16 d, f16 dmin: w = d · scale · q − dmin · min.
    /// </summary>
    internal readonly unsafe struct Block : ITiledBlock
    {
        public static int Length => 256;

        public static int Bytes => 84;

        public static TileShape Shape => TileShape.HalvesMin;

        /// <summary>The scale of scales before all.</summary>
        public static ReadOnlySpan<byte> WordRuns => [20, 1, 0, 20];

        public static int Offset => 0;

        public static int Share => 4;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 80);
            float dmin = Scalars.Half(block, 82);
            for (int i = 0; i < Length; i++)
            {
                // Byte (i / 128, i % 32) holds the weights of four runs of 32, two bits each.
                int q = block[16 + (i / 128 * 32) + (i % 32)] >> (i / 32 % 4 * 2) & 3;
                int packed = block[i / 16];
                values[i] = (d * (packed & 15) * q) - (dmin * (packed >> 4));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Weights<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int group, int member, int j)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            TLanes.And(
                TLanes.ShiftRight(unit[5 + (8 * group) + j], 2 * member), TLanes.Broadcast(0x03030303));


        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            var d = Tile.LowHalf<TLanes, TVector>(unit[0]);
            var dmin = Tile.Negate<TLanes, TVector>(Tile.HighHalf<TLanes, TVector>(unit[0]));
            for (int t = 0; t < 8; t++, tiles += Tile.Vectors)
            {
                var pair = TLanes.ShiftRight(unit[1 + (t / 2)], t % 2 * 16);
                var low = Tile.Low<TLanes, TVector>(pair);
                var high = Tile.High<TLanes, TVector>(pair);
                tiles[Tile.Scale] = TLanes.Multiply(Tile.ByteToSingle<TLanes, TVector>(low, 0), d);
                tiles[Tile.Scale + 1] = TLanes.Multiply(Tile.ByteToSingle<TLanes, TVector>(low, 1), d);
                tiles[Tile.Min] = TLanes.Multiply(Tile.ByteToSingle<TLanes, TVector>(high, 0), dmin);
                tiles[Tile.Min + 1] = TLanes.Multiply(Tile.ByteToSingle<TLanes, TVector>(high, 1), dmin);
            }
        }
    }
}
