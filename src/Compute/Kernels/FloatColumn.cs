using System.Runtime.CompilerServices;
using Causerie.Compute.Formats;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>Weights of sixteen bits times one column as it is.</summary>
internal readonly unsafe struct FloatColumn<TWeights> : IColumn
    where TWeights : struct, IHalfWeights
{
    public static int Length => 32;

    public static int Bytes => 64;

    public static int RecordBytes => 32 * sizeof(float);

    public static int ScratchVectors => 16;

    public static void Pack(float* x, byte* record) =>
        Unsafe.CopyBlockUnaligned(record, x, 32 * sizeof(float));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add<TLanes, TVector>(
        byte* rows, nint stride, byte* record, TVector* scratch, TVector sum)
        where TLanes : ISegmentLanes<TVector>
        where TVector : unmanaged
    {
        // The order is FloatPanel's: even weights, odd weights, then both to the sum.
        TLanes.TransposeLine(rows, stride, scratch);
        var x = (uint*)record;
        TWeights.Split<TLanes, TVector>(scratch[0], out var even, out var odd);
        even = TLanes.Multiply(even, TLanes.Broadcast(x[0]));
        odd = TLanes.Multiply(odd, TLanes.Broadcast(x[1]));
        for (int j = 1; j < 16; j++)
        {
            TWeights.Split<TLanes, TVector>(scratch[j], out var w0, out var w1);
            even = TLanes.MultiplyAdd(w0, TLanes.Broadcast(x[2 * j]), even);
            odd = TLanes.MultiplyAdd(w1, TLanes.Broadcast(x[(2 * j) + 1]), odd);
        }

        return TLanes.AddSingles(sum, TLanes.AddSingles(even, odd));
    }
}
