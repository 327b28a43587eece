using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Inference.KvCache;

/// <summary>The keys and values of one sequence, contiguous in each layer; grows with the sequence.</summary>
internal abstract class SequenceKv
{
    /// <summary>Positions there is room for.</summary>
    public int Capacity { get; protected set; }

    /// <summary>An empty cache.</summary>
    public static SequenceKv Create(KvShape shape) =>
        shape.Element == KvElement.F16 ? new HalfKv(shape) : new SingleKv(shape);

    /// <summary>Makes room for <paramref name="positions"/>, at least doubling; what was stored stays.</summary>
    public abstract void Reserve(int positions);

    /// <summary>Keeps the keys and values of new positions.</summary>
    /// <param name="layer">Layer.</param>
    /// <param name="position">First new position.</param>
    /// <param name="count">New positions.</param>
    /// <param name="keys">[count, kvHeads, headDim] f32.</param>
    /// <param name="values">[count, kvHeads, valueDim] f32.</param>
    public abstract void Store(
        int layer, int position, int count, ReadOnlySpan<float> keys, ReadOnlySpan<float> values);

    /// <summary>Attention of the last <paramref name="count"/> of <paramref name="length"/> positions.</summary>
    /// <inheritdoc cref="Attention.Run(AttentionShape, ReadOnlySpan{float}, ReadOnlySpan{float}, ReadOnlySpan{float}, int, int, ReadOnlySpan{float}, Span{float}, WorkerPool)"/>
    public abstract void Attend(
        AttentionShape shape, int layer, ReadOnlySpan<float> q, int count, int length,
        ReadOnlySpan<float> sinks, Span<float> output, WorkerPool pool);
}
