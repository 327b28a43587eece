using System.Runtime.Intrinsics;
using Causerie.Compute.Lanes;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>Finds the instructions for a call and shares it over the threads.</summary>
internal static unsafe class AttentionSharing<TFormat>
    where TFormat : struct, IKvFormat
{
    public static void Run(KvPages kv, in AttentionCall call, WorkerPool pool, VectorWidth width)
    {
        if (width == VectorWidth.Bits512)
            Run<AttentionLanes512, Vector512<float>>(kv, call, pool);
        else if (width == VectorWidth.Scalar)
            Run<AttentionLanesScalar, float>(kv, call, pool);
        else
            Run<AttentionLanes256, Vector256<float>>(kv, call, pool);
    }

    private static void Run<TLanes, TVector>(KvPages kv, in AttentionCall call, WorkerPool pool)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged
    {
        var work = new AttentionWork<TFormat, TLanes, TVector>(kv, call, pool, parts: null);
        if (!work.WantsParts(pool.Threads))
        {
            pool.Run(work.Chunks, ref work);
            return;
        }

        lock (pool.Gate)
        {
            work = new(kv, call, pool, (float*)pool.Shared(work.PartFloats * sizeof(float)));
            pool.Run(work.Chunks, ref work);
            var merge = new AttentionMerge<TFormat, TLanes, TVector>(work);
            pool.Run(work.Tasks, ref merge);
        }
    }
}

/// <summary>Adds up what several threads gathered for the same queries from different spans.</summary>
internal readonly unsafe struct AttentionMerge<TFormat, TLanes, TVector>(
    AttentionWork<TFormat, TLanes, TVector> work) : IChunkedWork
    where TFormat : struct, IKvFormat
    where TLanes : IAttentionLanes<TVector>
    where TVector : unmanaged
{
    public void Run(int chunk, int worker) => work.Merge(chunk, worker);
}
