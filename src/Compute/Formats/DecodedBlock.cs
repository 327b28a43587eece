using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>A block without integer tiles, decoded row by row for the f32 kernel.</summary>
internal readonly unsafe struct DecodedBlock<TBlock> : IFloatWeights
    where TBlock : struct, IBlock
{
    public static int Length => TBlock.Length;

    public static int Bytes => TBlock.Bytes;

    public static void Unpack<TLanes, TVector>(byte* rows, nint stride, TVector* vectors)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        Span<float> row = stackalloc float[TBlock.Length];
        var lanes = (float*)vectors; // [length, rows]
        for (int r = 0; r < TLanes.Rows; r++)
        {
            TBlock.Dequantize(new ReadOnlySpan<byte>(rows + (stride * r), TBlock.Bytes), row);
            for (int k = 0; k < row.Length; k++)
                lanes[(k * TLanes.Rows) + r] = row[k];
        }
    }
}
