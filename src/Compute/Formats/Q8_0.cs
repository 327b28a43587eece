using System.Runtime.CompilerServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>32 signed bytes and one scale.</summary>
internal sealed class Q8_0 : TiledFormat<Q8_0.Block, ByteTiles>
{
    /// <inheritdoc/>
    public override int Id => 8;

    /// <inheritdoc/>
    public override string Name => "Q8_0";

    /// <inheritdoc/>
    private protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        float inverse = Scalars.Inverse(Scalars.StoreHalf(block, 0, MathF.Abs(Scalars.Furthest(values)) / 127));
        for (int i = 0; i < values.Length; i++)
            block[2 + i] = (byte)Scalars.Round(values[i] * inverse, -127, 127);
    }

    /// <summary>f16 d, then 32 i8: w = d · q.</summary>
    internal readonly unsafe struct Block : ITiledBlock
    {
        public static int Length => 32;

        public static int Bytes => 34;

        public static TileShape Shape => TileShape.Bytes;

        public static int Offset => 128;

        public static int Share => 1;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 0);
            for (int i = 0; i < Length; i++)
                values[i] = (sbyte)block[2 + i] * d;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Weights<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int group, int member, int j)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            TLanes.Xor(unit[j], TLanes.Broadcast(0x80808080));


        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            tiles[Tile.Scale] = Tile.LowHalf<TLanes, TVector>(unit.OddHalf);
    }
}
