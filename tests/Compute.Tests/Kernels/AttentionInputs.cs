using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Kernels;

/// <summary>Random queries, keys and values that an f16 holds exactly, and what attention is defined to give.</summary>
internal sealed class AttentionInputs
{
    private readonly AttentionShape _shape;
    private readonly int _count;
    private readonly int _length;

    public AttentionInputs(AttentionShape shape, int count, int length, bool sinks)
    {
        (_shape, _count, _length) = (shape, count, length);
        Q = RandomWeights.Activations(count * shape.Heads * shape.HeadDim, 1);
        Keys = [.. RandomWeights.Activations(length * shape.KvHeads * shape.HeadDim, 2).Select(v => (float)(Half)v)];
        Values = [.. RandomWeights.Activations(length * shape.KvHeads * shape.ValueDim, 3).Select(v => (float)(Half)v)];
        Sinks = sinks ? RandomWeights.Activations(shape.Heads, 4) : [];
    }

    /// <summary>[count, heads, headDim].</summary>
    public float[] Q { get; }

    /// <summary>[length, kvHeads, headDim].</summary>
    public float[] Keys { get; }

    /// <summary>[length, kvHeads, valueDim].</summary>
    public float[] Values { get; }

    /// <summary>[heads] or empty.</summary>
    public float[] Sinks { get; }

    /// <summary>The keys and values in a cache that has room for more and holds NaN there.</summary>
    public StoredKv Stored(KvFormat format, int room = 0)
    {
        var kv = new StoredKv(format, _shape, _length + room);
        using var pool = new WorkerPool(2);
        float[] nothing = new float[kv.Capacity * _shape.KvHeads * Math.Max(_shape.HeadDim, _shape.ValueDim)];
        nothing.AsSpan().Fill(float.NaN);
        kv.View.Store(0, kv.Capacity, nothing, nothing, pool);
        kv.View.Store(0, _length, Keys, Values, pool);
        return kv;
    }

    /// <summary>[count, heads, valueDim] in double, of keys and values that may differ from the inputs'.</summary>
    public double[] Definition(float[]? keys = null, float[]? values = null)
    {
        var shape = _shape;
        keys ??= Keys;
        values ??= Values;
        double[] output = new double[_count * shape.Heads * shape.ValueDim];
        for (int t = 0; t < _count; t++)
        {
            int position = _length - _count + t;
            int first = shape.Window > 0 ? Math.Max(0, position - shape.Window + 1) : 0;
            int last = shape.Bidirectional ? _length - 1 : position;
            for (int h = 0; h < shape.Heads; h++)
            {
                int kv = h / (shape.Heads / shape.KvHeads);
                var scores = new List<double>();
                for (int p = first; p <= last; p++)
                {
                    double dot = 0;
                    for (int i = 0; i < shape.HeadDim; i++)
                        dot += Q[(((t * shape.Heads) + h) * shape.HeadDim) + i]
                            * (double)keys[(((p * shape.KvHeads) + kv) * shape.HeadDim) + i];
                    dot *= shape.Scale;
                    scores.Add(shape.SoftCap > 0 ? shape.SoftCap * Math.Tanh(dot / shape.SoftCap) : dot);
                }

                double max = scores.Max();
                double sum = scores.Sum(s => Math.Exp(s - max))
                    + (Sinks.Length > 0 ? Math.Exp(Sinks[h] - max) : 0);
                for (int p = first; p <= last; p++)
                {
                    for (int i = 0; i < shape.ValueDim; i++)
                        output[(((t * shape.Heads) + h) * shape.ValueDim) + i] += Math.Exp(scores[p - first] - max) / sum
                            * values[(((p * shape.KvHeads) + kv) * shape.ValueDim) + i];
                }
            }
        }

        return output;
    }
}

/// <summary>One of <see cref="KvPages.F16"/>, <see cref="KvPages.F32"/> and <see cref="KvPages.Q8_0"/>.</summary>
internal delegate KvPages KvFormat(int layers, int kvHeads, int headDim, int valueDim, int count);

/// <summary>One sequence in pages that lie in no order, in a layer with another before and one behind it.</summary>
internal sealed class StoredKv
{
    private readonly KvPages _pages;
    private readonly int[] _table;

    public StoredKv(KvFormat format, AttentionShape shape, int positions)
    {
        int count = KvPages.For(positions);
        _pages = format(3, shape.KvHeads, shape.HeadDim, shape.ValueDim, count + 2);
        _table = [.. Enumerable.Range(0, count + 2)];
        new Random(positions).Shuffle(_table);
        _table = _table[..count];
    }

    public KvView View => _pages.View(1, _table);

    public int Capacity => View.Capacity;
}
