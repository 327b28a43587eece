using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Causerie.Compute.Kernels;

/// <summary>The step between the two products of attention: scores become weights.</summary>
internal static unsafe class AttentionSoftmax<TLanes, TVector>
    where TLanes : IAttentionLanes<TVector>
    where TVector : unmanaged
{
    /// <summary>One row's scores of a block become weights, and what the row gathered is scaled to them.</summary>
    /// <param name="scores">[16-aligned columns] f32, of which <paramref name="from"/> to <paramref name="to"/> count.</param>
    /// <param name="from">First position in the block that the row sees.</param>
    /// <param name="to">The one after the last.</param>
    /// <param name="max">The row's largest score.</param>
    /// <param name="weights">[16] f32, the row's.</param>
    /// <param name="sums">[valueWidth] f32, the row's.</param>
    /// <param name="valueWidth">Elements of a value, a multiple of 16.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Run(
        float* scores, int from, int to, float* max, float* weights, float* sums, int valueWidth)
    {
        const int Lanes = AttentionRows.Lanes;
        int first = from & -Lanes, last = AttentionRows.RoundUp(to);

        // e^−∞ is exactly 0: a position that is not seen changes no sum.
        for (int i = first; i < from; i++)
            scores[i] = float.NegativeInfinity;
        for (int i = to; i < last; i++)
            scores[i] = float.NegativeInfinity;
        float before = *max;
        var largest = TLanes.Broadcast(before);
        for (int i = first; i < last; i += TLanes.Width)
            largest = TLanes.Max(largest, TLanes.Load(scores + i));
        float now = TLanes.Largest(largest);
        *max = now;
        var subtracted = TLanes.Broadcast(now);
        if (now != before)
            Rescale(TLanes.Exp(TLanes.Subtract(TLanes.Broadcast(before), subtracted)), weights, sums, valueWidth);
        for (int lane = 0; lane < Lanes; lane += TLanes.Width)
        {
            var sum = TLanes.Load(weights + lane);
            for (int i = first + lane; i < last; i += Lanes)
            {
                var weight = TLanes.Exp(TLanes.Subtract(TLanes.Load(scores + i), subtracted));
                TLanes.Store(scores + i, weight);
                sum = TLanes.Add(sum, weight);
            }

            TLanes.Store(weights + lane, sum);
        }
    }

    /// <summary>score = cap · tanh(score / cap).</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Cap(float* scores, int count, float cap)
    {
        for (int i = 0; i < count; i += 8)
            (VectorMath.Tanh(Vector256.Load(scores + i) / Vector256.Create(cap)) * cap).Store(scores + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rescale(TVector factor, float* weights, float* sums, int valueWidth)
    {
        for (int i = 0; i < AttentionRows.Lanes; i += TLanes.Width)
            TLanes.Store(weights + i, TLanes.Multiply(TLanes.Load(weights + i), factor));
        for (int i = 0; i < valueWidth; i += TLanes.Width)
            TLanes.Store(sums + i, TLanes.Multiply(TLanes.Load(sums + i), factor));
    }
}
