using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>Causal grouped-query attention of some new positions of one sequence over its keys and values.</summary>
/// <remarks>
/// Keys and values are met in blocks of positions with a running softmax (Dao et al., 2022), so memory does not grow
/// with the context. Blocks begin at fixed positions: a query's result has the same bits alone, in any batch and on
/// any number of threads.
/// </remarks>
public static class Attention
{
    /// <summary>out = softmax(mask(cap(q · kᵀ · scale)), sinks) · v, head by head.</summary>
    /// <param name="shape">Heads, sizes, scale, window, cap.</param>
    /// <param name="q">[count, heads, headDim] f32; the last row is at position <paramref name="length"/> − 1.</param>
    /// <param name="keys">[≥ length, kvHeads, headDim] f16.</param>
    /// <param name="values">[≥ length, kvHeads, valueDim] f16.</param>
    /// <param name="count">New positions.</param>
    /// <param name="length">Positions in the cache, the new ones included.</param>
    /// <param name="sinks">[heads] f32 logits that take part in the softmax alone, or empty.</param>
    /// <param name="output">[count, heads, valueDim] f32, overwritten.</param>
    /// <param name="pool">The threads to run on.</param>
    public static void Run(
        AttentionShape shape, ReadOnlySpan<float> q, ReadOnlySpan<Half> keys, ReadOnlySpan<Half> values,
        int count, int length, ReadOnlySpan<float> sinks, Span<float> output, WorkerPool pool) =>
        Run<Half>(shape, q, keys, values, count, length, sinks, output, pool);

    /// <summary>The same over keys and values kept in f32: exact, at twice the memory.</summary>
    /// <param name="shape">Heads, sizes, scale, window, cap.</param>
    /// <param name="q">[count, heads, headDim] f32; the last row is at position <paramref name="length"/> − 1.</param>
    /// <param name="keys">[≥ length, kvHeads, headDim] f32.</param>
    /// <param name="values">[≥ length, kvHeads, valueDim] f32.</param>
    /// <param name="count">New positions.</param>
    /// <param name="length">Positions in the cache, the new ones included.</param>
    /// <param name="sinks">[heads] f32 logits that take part in the softmax alone, or empty.</param>
    /// <param name="output">[count, heads, valueDim] f32, overwritten.</param>
    /// <param name="pool">The threads to run on.</param>
    public static void Run(
        AttentionShape shape, ReadOnlySpan<float> q, ReadOnlySpan<float> keys, ReadOnlySpan<float> values,
        int count, int length, ReadOnlySpan<float> sinks, Span<float> output, WorkerPool pool) =>
        Run<float>(shape, q, keys, values, count, length, sinks, output, pool);

    private static unsafe void Run<T>(
        AttentionShape shape, ReadOnlySpan<float> q, ReadOnlySpan<T> keys, ReadOnlySpan<T> values,
        int count, int length, ReadOnlySpan<float> sinks, Span<float> output, WorkerPool pool)
        where T : unmanaged
    {
        Check(shape, q.Length, keys.Length, values.Length, count, length, sinks.Length, output.Length);
        if (count == 0)
            return;
        fixed (float* pq = q, ps = sinks, po = output)
        fixed (T* pk = keys, pv = values)
        {
            var work = new AttentionWork<T>(shape, pq, pk, pv, count, length, ps, po, pool);
            pool.Run(work.Chunks, ref work);
        }
    }

    private static void Check(
        AttentionShape shape, long q, long keys, long values, int count, int length, int sinks, long output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, length);
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.KvHeads, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.HeadDim, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.ValueDim, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfNotEqual(shape.Heads % shape.KvHeads, 0, nameof(shape));
        Require(q, (long)count * shape.Heads * shape.HeadDim, nameof(q));
        Require(keys, (long)length * shape.KvHeads * shape.HeadDim, nameof(keys));
        Require(values, (long)length * shape.KvHeads * shape.ValueDim, nameof(values));
        Require(output, (long)count * shape.Heads * shape.ValueDim, nameof(output));
        if (sinks != 0)
            Require(sinks, shape.Heads, nameof(sinks));
    }

    private static void Require(long held, long needed, string name)
    {
        if (held < needed)
            throw new ArgumentException($"{name} holds {held} elements, fewer than {needed}.", name);
    }
}

/// <summary>The fixed numbers of one layer's attention.</summary>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key and value heads; divides <paramref name="Heads"/>.</param>
/// <param name="HeadDim">Length of a query and key.</param>
/// <param name="ValueDim">Length of a value.</param>
/// <param name="Scale">Multiplies the dot product, usually 1/√headDim.</param>
/// <param name="Window">Sliding window in positions, the current one included; 0 is the whole context.</param>
/// <param name="SoftCap">cap · tanh(score / cap); 0 is off.</param>
public readonly record struct AttentionShape(
    int Heads, int KvHeads, int HeadDim, int ValueDim, float Scale, int Window = 0, float SoftCap = 0);
