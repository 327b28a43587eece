using System.Runtime.CompilerServices;
using Causerie.Compute.Formats;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>Blocks of integers times activations quantised to eight bits.</summary>
internal readonly unsafe struct IntegerPanel<TBlock> : IPanel
    where TBlock : struct, ITiledBlock
{
    public static int TileVectors => Tile.Vectors;

    public static int RecordBytes => ActivationRecord.Bytes;

    public static int Length => TBlock.Length;

    public static int Bytes => TBlock.Bytes;

    public static void Pack(float* x, byte* record) =>
        ActivationRecord.Quantize(x, TBlock.Offset, (ActivationRecord*)record);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Unpack<TLanes, TVector>(
        byte* rows, nint stride, TVector* tiles, int blocks, byte* ahead)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        for (; blocks > 0; blocks--, rows += TBlock.Bytes, tiles += TBlock.Length / 32 * Tile.Vectors)
        {
            TBlock.Unpack<TLanes, TVector>(rows, stride, tiles);
            ahead = Ahead.Prefetch(ahead, TBlock.Bytes * TLanes.Rows);
        }
    }

    public static void Add<TLanes, TVector>(TVector* tiles, int count, byte* records, TVector* sums, int columns)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        IntegerKernel.Add<TBlock, TLanes, TVector>(tiles, count, records, sums, columns);
}
