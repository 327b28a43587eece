using System.Runtime.CompilerServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>32 weights of the OCP microscaling format: E2M1 numbers under one power of two.</summary>
internal sealed class MXFP4 : TiledFormat<MXFP4.Block, SmallTiles>
{
    /// <inheritdoc/>
    public override int Id => 39;

    /// <inheritdoc/>
    public override string Name => "MXFP4";

    /// <inheritdoc/>
    private protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        // The smallest power of two under which the furthest weight is at most 6, the largest E2M1 number.
        float furthest = MathF.Abs(Scalars.Furthest(values));
        int exponent = furthest == 0 ? 0 : Math.Clamp(MathF.ILogB(furthest / 6) + 127, 0, 254);
        while (exponent < 254 && Block.Scale((byte)exponent) * 12 < furthest)
            exponent++;
        block[0] = (byte)exponent;
        float inverse = 1 / Block.Scale((byte)exponent);
        for (int i = 0; i < 16; i++)
            block[1 + i] = (byte)(Level(values[i] * inverse) | (Level(values[i + 16] * inverse) << 4));

        static int Level(float value) =>
            Scalars.Nearest(Block.Doubled[..8], MathF.Abs(value)) | (value < 0 ? 8 : 0);
    }

    /// <summary>
    /// E8M0 exponent, then 16 bytes of nibbles as in Q4_0: w = 2^(e − 128) · table[q], the table holding twice the E2M1
    /// values.
    /// </summary>
    internal readonly unsafe struct Block : ITiledBlock
    {
        /// <summary>Twice the sixteen E2M1 values.</summary>
        internal static ReadOnlySpan<sbyte> Doubled => [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

        /// <summary>The same plus 12.</summary>
        private static ReadOnlySpan<byte> RaisedDoubled =>
            [12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0];

        /// <summary>2^(<paramref name="exponent"/> − 128); the two smallest are subnormal.</summary>
        internal static float Scale(byte exponent) => BitConverter.UInt32BitsToSingle(
            exponent < 2 ? 0x0020_0000u << exponent : (uint)(exponent - 1) << 23);

        public static int Length => 32;

        public static int Bytes => 17;

        public static TileShape Shape => TileShape.FiveBits;

        public static int Offset => 12;

        public static int Share => 1;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scale(block[0]);
            for (int i = 0; i < 16; i++)
            {
                values[i] = Doubled[block[1 + i] & 15] * d;
                values[i + 16] = Doubled[block[1 + i] >> 4] * d;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Weights<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int group, int member, int j)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            Tile.Lookup<TLanes, TVector>(RaisedDoubled, Tile.Nibbles<TLanes, TVector>(unit, 0, j));


        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            // 2^(e − 128) as the product of two powers that are never subnormal themselves.
            var exponent = unit.OddByte;
            var half = TLanes.ShiftRight(exponent, 1);
            var bias = TLanes.Broadcast(63);
            var first = TLanes.ShiftLeft(TLanes.Add(half, bias), 23);
            var second = TLanes.ShiftLeft(TLanes.Add(TLanes.Subtract(exponent, half), bias), 23);
            tiles[Tile.Scale] = TLanes.Multiply(first, second);
        }
    }
}
