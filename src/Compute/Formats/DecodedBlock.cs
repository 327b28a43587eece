using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>A block without integer tiles, decoded row by row for the f32 kernel.</summary>
internal readonly unsafe struct DecodedBlock<TBlock> : IFloatWeights
    where TBlock : struct, IBlock
{
    public static PanelLayout Layout { get; } = new(TBlock.Length, TBlock.Bytes, TBlock.OddFirst, TBlock.WordRuns);

    public static bool InPairs => false;

    public static void Pair<TLanes, TVector>(
        PanelUnit<TLanes, TVector> unit, int j, out TVector even, out TVector odd)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        throw new NotSupportedException();

    public static void Unpack<TLanes, TVector>(byte* unit, int row, TVector* vectors)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        Span<byte> block = stackalloc byte[TBlock.Bytes];
        Span<float> values = stackalloc float[TBlock.Length];
        var lanes = (float*)vectors; // [length, rows]
        for (int r = 0; r < TLanes.Rows; r++)
        {
            Layout.Take(unit, row + r, block);
            TBlock.Dequantize(block, values);
            for (int k = 0; k < values.Length; k++)
                lanes[(k * TLanes.Rows) + r] = values[k];
        }
    }
}
