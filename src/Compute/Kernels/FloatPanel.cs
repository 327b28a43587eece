using System.Runtime.CompilerServices;
using Causerie.Compute.Formats;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>Weights decoded to f32 times activations as they are.</summary>
internal readonly unsafe struct FloatPanel<TWeights> : IPanel
    where TWeights : struct, IFloatWeights
{
    public static int TileVectors => 32;

    public static int RecordBytes => 32 * sizeof(float);

    public static int Length => TWeights.Length;

    public static int Bytes => TWeights.Bytes;

    public static void Pack(float* x, byte* record) =>
        Unsafe.CopyBlockUnaligned(record, x, 32 * sizeof(float));

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Unpack<TLanes, TVector>(byte* rows, nint stride, TVector* tiles)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        TWeights.Unpack<TLanes, TVector>(rows, stride, tiles);

    /// <summary>sums[c] += the sum over even weights + the sum over odd ones, in that order for every column.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Add<TLanes, TVector>(TVector* tile, byte* records, TVector* sums, int columns)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        var x = (uint*)records;
        for (; columns >= 4; columns -= 4, sums += 4, x += 4 * 32)
        {
            // Two sums of each of four columns: eight chains keep both multipliers busy.
            var even0 = TLanes.Multiply(tile[0], TLanes.Broadcast(x[0]));
            var even1 = TLanes.Multiply(tile[0], TLanes.Broadcast(x[32]));
            var even2 = TLanes.Multiply(tile[0], TLanes.Broadcast(x[64]));
            var even3 = TLanes.Multiply(tile[0], TLanes.Broadcast(x[96]));
            var odd0 = TLanes.Multiply(tile[1], TLanes.Broadcast(x[1]));
            var odd1 = TLanes.Multiply(tile[1], TLanes.Broadcast(x[33]));
            var odd2 = TLanes.Multiply(tile[1], TLanes.Broadcast(x[65]));
            var odd3 = TLanes.Multiply(tile[1], TLanes.Broadcast(x[97]));
            for (int k = 2; k < 32; k += 2)
            {
                var w = tile[k];
                even0 = TLanes.MultiplyAdd(w, TLanes.Broadcast(x[k]), even0);
                even1 = TLanes.MultiplyAdd(w, TLanes.Broadcast(x[k + 32]), even1);
                even2 = TLanes.MultiplyAdd(w, TLanes.Broadcast(x[k + 64]), even2);
                even3 = TLanes.MultiplyAdd(w, TLanes.Broadcast(x[k + 96]), even3);
                w = tile[k + 1];
                odd0 = TLanes.MultiplyAdd(w, TLanes.Broadcast(x[k + 1]), odd0);
                odd1 = TLanes.MultiplyAdd(w, TLanes.Broadcast(x[k + 33]), odd1);
                odd2 = TLanes.MultiplyAdd(w, TLanes.Broadcast(x[k + 65]), odd2);
                odd3 = TLanes.MultiplyAdd(w, TLanes.Broadcast(x[k + 97]), odd3);
            }

            sums[0] = TLanes.AddSingles(sums[0], TLanes.AddSingles(even0, odd0));
            sums[1] = TLanes.AddSingles(sums[1], TLanes.AddSingles(even1, odd1));
            sums[2] = TLanes.AddSingles(sums[2], TLanes.AddSingles(even2, odd2));
            sums[3] = TLanes.AddSingles(sums[3], TLanes.AddSingles(even3, odd3));
        }

        for (; columns > 0; columns--, sums++, x += 32)
        {
            var even = TLanes.Multiply(tile[0], TLanes.Broadcast(x[0]));
            var odd = TLanes.Multiply(tile[1], TLanes.Broadcast(x[1]));
            for (int k = 2; k < 32; k += 2)
            {
                even = TLanes.MultiplyAdd(tile[k], TLanes.Broadcast(x[k]), even);
                odd = TLanes.MultiplyAdd(tile[k + 1], TLanes.Broadcast(x[k + 1]), odd);
            }

            *sums = TLanes.AddSingles(*sums, TLanes.AddSingles(even, odd));
        }
    }
}
