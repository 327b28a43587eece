using System.Runtime.CompilerServices;
using System.Buffers.Binary;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>256 weights of 4 bits through the table of IQ4_NL; each 32 have a scale of 6 bits around 32.</summary>
internal sealed class IQ4_XS : TiledFormat<IQ4_XS.Block, ByteTiles>
{
    /// <inheritdoc/>
    public override int Id => 23;

    /// <inheritdoc/>
    public override string Name => "IQ4_XS";

    /// <inheritdoc/>
    private protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<float> steps = stackalloc float[8];
        for (int j = 0; j < 8; j++)
            steps[j] = Scalars.Furthest(values.Slice(j * 32, 32)) / -127;
        float d = Scalars.StoreHalf(block, 0, MathF.Abs(Scalars.Furthest(steps)) / 31);
        block[2..8].Clear();
        int pairs = 0;
        for (int j = 0; j < 8; j++)
        {
            int scale = Scalars.Round(steps[j] * Scalars.Inverse(d), -31, 31);
            block[4 + (j / 2)] |= (byte)((scale + 32 & 15) << (j % 2 * 4));
            pairs |= scale + 32 >> 4 << (2 * j);
            float inverse = Scalars.Inverse(d * scale);
            for (int i = 0; i < 16; i++)
            {
                int low = Scalars.Nearest(IQ4_NL.Block.Levels, values[(j * 32) + i] * inverse);
                int high = Scalars.Nearest(IQ4_NL.Block.Levels, values[(j * 32) + i + 16] * inverse);
                block[8 + (j * 16) + i] = (byte)(low | (high << 4));
            }
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[2..], (ushort)pairs);
    }

    /// <summary>
    /// f16 d, u16 of eight high pairs of scale bits, 4 bytes of low nibbles of scales, 128 bytes of nibbles: w = d ·
    /// (scale − 32) · table[q].
    /// </summary>
    internal readonly unsafe struct Block : ITiledBlock
    {
        public static int Length => 256;

        public static int Bytes => 136;

        public static TileShape Shape => TileShape.Bytes;

        public static int Offset => 128;

        public static int Share => 1;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 0);
            int high = BinaryPrimitives.ReadUInt16LittleEndian(block[2..]);
            for (int j = 0; j < 8; j++)
            {
                int scale = (block[4 + (j / 2)] >> (j % 2 * 4) & 15) | ((high >> (2 * j) & 3) << 4);
                float dl = d * (scale - 32);
                for (int i = 0; i < 16; i++)
                {
                    byte q = block[8 + (j * 16) + i];
                    values[(j * 32) + i] = dl * IQ4_NL.Block.Levels[q & 15];
                    values[(j * 32) + i + 16] = dl * IQ4_NL.Block.Levels[q >> 4];
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Weights<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int group, int member, int j)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            Tile.Lookup<TLanes, TVector>(
                IQ4_NL.Block.RaisedLevels, Tile.Nibbles<TLanes, TVector>(unit, 2 + (4 * group), j));


        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            var d = Tile.LowHalf<TLanes, TVector>(unit[0]);
            var highs = TLanes.ShiftRight(unit[0], 16);
            var lows = unit[1];
            for (int t = 0; t < 8; t++, tiles += Tile.Vectors)
            {
                var scale = TLanes.Or(
                    TLanes.And(lows, TLanes.Broadcast(15)),
                    TLanes.ShiftLeft(TLanes.And(highs, TLanes.Broadcast(3)), 4));
                scale = TLanes.ToSingle(TLanes.Subtract(scale, TLanes.Broadcast(32)));
                tiles[Tile.Scale] = TLanes.Multiply(scale, d);
                lows = TLanes.ShiftRight(lows, 4);
                highs = TLanes.ShiftRight(highs, 2);
            }
        }
    }
}
