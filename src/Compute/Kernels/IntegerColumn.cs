using System.Runtime.CompilerServices;
using Causerie.Compute.Formats;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>Blocks of integers times one column quantised to eight bits.</summary>
internal readonly unsafe struct IntegerColumn<TBlock> : IColumn
    where TBlock : struct, IColumnBlock
{
    public static int Length => TBlock.Length;

    public static int Bytes => TBlock.Bytes;

    public static int RecordBytes => ActivationRecord.Bytes;

    public static int ScratchVectors => TBlock.Length / 32 * Tile.Vectors;

    public static void Pack(float* x, byte* record) =>
        ActivationRecord.Quantize(x, TBlock.Offset, (ActivationRecord*)record);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add<TLanes, TVector>(
        byte* rows, nint stride, byte* record, TVector* scratch, TVector sum)
        where TLanes : ISegmentLanes<TVector>
        where TVector : unmanaged =>
        TBlock.AddColumn<TLanes, TVector>(rows, stride, record, scratch, sum);
}
