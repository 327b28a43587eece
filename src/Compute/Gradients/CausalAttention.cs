using Causerie.Compute.Lanes;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Gradients;

/// <summary>Attention over whole documents, forward and backward: each token sees itself and those before it.</summary>
/// <remarks>
/// Weights of attention are computed anew on the way back instead of kept. A head of keys of one document is a chunk, so
/// that the sums of its gradients have one order for any number of threads.
/// </remarks>
/// <param name="Heads">Heads of queries.</param>
/// <param name="KeyHeads">Heads of keys and values; each serves as many neighbouring heads of queries.</param>
/// <param name="HeadDim">Elements of a head, at most 256.</param>
public readonly unsafe record struct CausalAttention(int Heads, int KeyHeads, int HeadDim)
{
    /// <summary>output = softmax(q · kᵀ / √headDim) · v for every document.</summary>
    /// <param name="starts">Where each document begins, ascending, and at the end the number of tokens.</param>
    /// <param name="q">[tokens, heads, headDim] f32, already turned.</param>
    /// <param name="k">[tokens, keyHeads, headDim] f32, already turned.</param>
    /// <param name="v">[tokens, keyHeads, headDim] f32.</param>
    /// <param name="output">[tokens, heads, headDim] f32.</param>
    /// <param name="pool">The threads.</param>
    /// <exception cref="ArgumentException">The spans do not fit the documents.</exception>
    public void Forward(
        ReadOnlySpan<int> starts, ReadOnlySpan<float> q, ReadOnlySpan<float> k, ReadOnlySpan<float> v,
        Span<float> output, WorkerPool pool)
    {
        Check(starts, q.Length, k.Length, v.Length, output.Length);
        fixed (int* from = starts)
        fixed (float* pq = q, pk = k, pv = v, po = output)
        {
            var heads = new HeadPointers(pq, pk, pv, po, null, null, null);
            Run(from, starts.Length - 1, heads, pool);
        }
    }

    /// <summary>dq, dk and dv are overwritten with the gradients of q, k and v.</summary>
    /// <param name="starts">Where each document begins, ascending, and at the end the number of tokens.</param>
    /// <param name="q">[tokens, heads, headDim] f32.</param>
    /// <param name="k">[tokens, keyHeads, headDim] f32.</param>
    /// <param name="v">[tokens, keyHeads, headDim] f32.</param>
    /// <param name="dOutput">[tokens, heads, headDim] f32.</param>
    /// <param name="dq">[tokens, heads, headDim] f32.</param>
    /// <param name="dk">[tokens, keyHeads, headDim] f32.</param>
    /// <param name="dv">[tokens, keyHeads, headDim] f32.</param>
    /// <param name="pool">The threads.</param>
    /// <exception cref="ArgumentException">The spans do not fit the documents.</exception>
    public void Backward(
        ReadOnlySpan<int> starts, ReadOnlySpan<float> q, ReadOnlySpan<float> k, ReadOnlySpan<float> v,
        ReadOnlySpan<float> dOutput, Span<float> dq, Span<float> dk, Span<float> dv, WorkerPool pool)
    {
        Check(starts, q.Length, k.Length, v.Length, dOutput.Length);
        Check(starts, dq.Length, dk.Length, dv.Length, dOutput.Length);
        dk.Clear();
        dv.Clear();
        fixed (int* from = starts)
        fixed (float* pq = q, pk = k, pv = v, po = dOutput, pdq = dq, pdk = dk, pdv = dv)
        {
            var heads = new HeadPointers(pq, pk, pv, po, pdq, pdk, pdv);
            Run(from, starts.Length - 1, heads, pool);
        }
    }

    private void Run(int* starts, int documents, HeadPointers pointers, WorkerPool pool)
    {
        var work = new Work(this, starts, pointers, pool);
        pool.Run(documents * KeyHeads, ref work);
    }

    private void Check(ReadOnlySpan<int> starts, long q, long k, long v, long output)
    {
        if (Heads < 1 || KeyHeads < 1 || Heads % KeyHeads != 0 || HeadDim is < 1 or > GemmTile.Depth)
            throw new ArgumentException($"{Heads} heads over {KeyHeads} of {HeadDim} are no attention.");
        int tokens = starts.IsEmpty ? 0 : starts[^1];
        for (int i = 0; i < starts.Length; i++)
        {
            if (starts[i] < (i == 0 ? 0 : starts[i - 1]) || (i == 0 && starts[0] != 0))
                throw new ArgumentException("Documents begin at 0 and ascend.", nameof(starts));
        }
        long wide = (long)tokens * Heads * HeadDim, narrow = (long)tokens * KeyHeads * HeadDim;
        if (q != wide || output != wide || k != narrow || v != narrow)
            throw new ArgumentException(
                $"{tokens} tokens have {wide} elements of queries and {narrow} of keys, not {q}, {k}, {v}, {output}.");
    }

    /// <summary>Where a batch's queries, keys, values and outputs lie, and the gradients on the way back.</summary>
    internal readonly record struct HeadPointers(nint Q, nint K, nint V, nint Output, nint Dq, nint Dk, nint Dv)
    {
        public HeadPointers(float* q, float* k, float* v, float* output, float* dq, float* dk, float* dv)
            : this((nint)q, (nint)k, (nint)v, (nint)output, (nint)dq, (nint)dk, (nint)dv)
        {
        }
    }

    /// <summary>One head of keys of one document a chunk.</summary>
    private readonly struct Work(CausalAttention shape, int* starts, HeadPointers pointers, WorkerPool pool)
        : IChunkedWork
    {
        public void Run(int chunk, int worker)
        {
            int document = chunk / shape.KeyHeads, keyHead = chunk % shape.KeyHeads;
            int first = starts[document], length = starts[document + 1] - first;
            if (length == 0)
                return;
            var scratch = (float*)pool.Scratch(worker, CausalHead.ScratchBytes(length, shape.HeadDim));
            var head = new CausalHead(shape, pointers, first, length, keyHead, scratch, VectorWidths.Widest());
            if (pointers.Dq == 0)
                head.Forward();
            else
                head.Backward();
        }
    }
}
