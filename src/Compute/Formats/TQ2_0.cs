using System.Runtime.CompilerServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>256 ternary weights of 2 bits, and one scale.</summary>
internal sealed class TQ2_0 : TiledFormat<TQ2_0.Block, SmallTiles>
{
    /// <inheritdoc/>
    public override int Id => 35;

    /// <inheritdoc/>
    public override string Name => "TQ2_0";

    /// <summary>64 bytes of 2-bit weights as in Q2_K, f16 d: w = d · (q − 1).</summary>
    internal readonly unsafe struct Block : ITiledBlock
    {
        public static int Length => 256;

        public static int Bytes => 66;

        public static bool OddFirst => false;

        public static TileShape Shape => TileShape.Nibbles;

        public static int Offset => 1;

        public static int Share => 4;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 64);
            for (int i = 0; i < Length; i++)
                values[i] = ((block[(i / 128 * 32) + (i % 32)] >> (i / 32 % 4 * 2) & 3) - 1) * d;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Weights<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int group, int member, int j)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged =>
            TLanes.And(TLanes.ShiftRight(unit[(8 * group) + j], 2 * member), TLanes.Broadcast(0x03030303));


        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, TVector* tiles)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            var d = Tile.LowHalf<TLanes, TVector>(unit.OddHalf);
            for (int t = 0; t < 8; t++)
                tiles[(t * Tile.Vectors) + Tile.Scale] = d;
        }
    }
}
