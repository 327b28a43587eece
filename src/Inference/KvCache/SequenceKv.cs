using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Inference.KvCache;

/// <summary>The keys and values of one sequence, contiguous in each layer; grows with the sequence.</summary>
internal sealed class SequenceKv
{
    private const int SmallestCapacity = 256;

    private readonly KvTiles[] _layers;
    private readonly int _limit;

    private SequenceKv(KvShape shape)
    {
        _limit = shape.MaxPositions;
        _layers = new KvTiles[shape.Layers];
        for (int l = 0; l < _layers.Length; l++)
            _layers[l] = shape.NewLayer();
    }

    /// <summary>Positions there is room for.</summary>
    public int Capacity { get; private set; }

    /// <summary>An empty cache.</summary>
    public static SequenceKv Create(KvShape shape) => new(shape);

    /// <summary>Makes room for <paramref name="positions"/>, at least doubling; what was stored stays.</summary>
    public void Reserve(int positions)
    {
        if (positions <= Capacity)
            return;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(positions, _limit);
        long wanted = Math.Max(Math.Max(positions, SmallestCapacity), 2L * Capacity);
        int capacity = (int)Math.Min(wanted, _limit);
        foreach (var layer in _layers)
            layer.Reserve(capacity);
        Capacity = capacity;
    }

    /// <summary>Keeps the keys and values of new positions.</summary>
    /// <param name="layer">Layer.</param>
    /// <param name="position">First new position.</param>
    /// <param name="count">New positions.</param>
    /// <param name="keys">[count, kvHeads, headDim] f32.</param>
    /// <param name="values">[count, kvHeads, valueDim] f32.</param>
    /// <param name="pool">The threads to run on.</param>
    public void Store(
        int layer, int position, int count, ReadOnlySpan<float> keys, ReadOnlySpan<float> values, WorkerPool pool) =>
        _layers[layer].Store(position, count, keys, values, pool);

    /// <summary>Attention of the last <paramref name="count"/> of <paramref name="length"/> positions.</summary>
    /// <inheritdoc cref="Attention.Run(AttentionShape, ReadOnlySpan{float}, KvTiles, int, int, ReadOnlySpan{float}, Span{float}, WorkerPool)"/>
    public void Attend(
        AttentionShape shape, int layer, ReadOnlySpan<float> q, int count, int length,
        ReadOnlySpan<float> sinks, Span<float> output, WorkerPool pool) =>
        Attention.Run(shape, q, _layers[layer], count, length, sinks, output, pool);
}
