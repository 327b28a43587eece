using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Inference.KvCache;

/// <summary>Keys and values in half precision.</summary>
internal sealed class HalfKv(KvShape shape) : ArrayKv<Half>(shape)
{
    private readonly KvShape _shape = shape;

    /// <inheritdoc/>
    public override void Store(
        int layer, int position, int count, ReadOnlySpan<float> keys, ReadOnlySpan<float> values)
    {
        Convert(keys, Keys[layer].AsSpan(position * _shape.KeyWidth, count * _shape.KeyWidth));
        Convert(values, Values[layer].AsSpan(position * _shape.ValueWidth, count * _shape.ValueWidth));
    }

    /// <inheritdoc/>
    public override void Attend(
        AttentionShape shape, int layer, ReadOnlySpan<float> q, int count, int length,
        ReadOnlySpan<float> sinks, Span<float> output, WorkerPool pool) =>
        Attention.Run(shape, q, Keys[layer], Values[layer], count, length, sinks, output, pool);

    private static void Convert(ReadOnlySpan<float> from, Span<Half> to)
    {
        for (int i = 0; i < from.Length; i++)
            to[i] = (Half)from[i];
    }
}
