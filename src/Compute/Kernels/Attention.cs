using System.Numerics;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>Causal grouped-query attention of some new positions of one sequence over its keys and values.</summary>
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

    private static void Run<T>(
        AttentionShape shape, ReadOnlySpan<float> q, ReadOnlySpan<T> keys, ReadOnlySpan<T> values,
        int count, int length, ReadOnlySpan<float> sinks, Span<float> output, WorkerPool pool)
        where T : unmanaged, INumberBase<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pool.Threads, 1);
        var scores = new float[length];
        int group = shape.Heads / shape.KvHeads;
        for (int t = 0; t < count; t++)
        {
            int position = length - count + t;
            int first = shape.Window > 0 ? Math.Max(0, position - shape.Window + 1) : 0;
            for (int h = 0; h < shape.Heads; h++)
            {
                var query = q.Slice(((t * shape.Heads) + h) * shape.HeadDim, shape.HeadDim);
                int kv = h / group;
                float max = sinks.IsEmpty ? float.NegativeInfinity : sinks[h];
                for (int p = first; p <= position; p++)
                {
                    var key = keys.Slice(((p * shape.KvHeads) + kv) * shape.HeadDim, shape.HeadDim);
                    float dot = 0;
                    for (int i = 0; i < query.Length; i++)
                        dot += query[i] * float.CreateTruncating(key[i]);
                    dot *= shape.Scale;
                    if (shape.SoftCap > 0)
                        dot = shape.SoftCap * MathF.Tanh(dot / shape.SoftCap);
                    scores[p] = dot;
                    max = Math.Max(max, dot);
                }

                float sum = sinks.IsEmpty ? 0 : MathF.Exp(sinks[h] - max);
                var result = output.Slice(((t * shape.Heads) + h) * shape.ValueDim, shape.ValueDim);
                result.Clear();
                for (int p = first; p <= position; p++)
                {
                    float weight = MathF.Exp(scores[p] - max);
                    sum += weight;
                    var value = values.Slice(((p * shape.KvHeads) + kv) * shape.ValueDim, shape.ValueDim);
                    for (int i = 0; i < result.Length; i++)
                        result[i] += weight * float.CreateTruncating(value[i]);
                }

                for (int i = 0; i < result.Length; i++)
                    result[i] /= sum;
            }
        }
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
