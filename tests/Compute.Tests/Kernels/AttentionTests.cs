using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Kernels;

/// <summary>Attention agrees with its definition in double, and with itself in any batch.</summary>
public sealed class AttentionTests
{
    public static TheoryData<int, int, int, int, int, float, bool> Shapes => new()
    {
        // heads, kv heads, head dim, value dim, window, cap, sinks
        { 4, 4, 64, 64, 0, 0, false },
        { 8, 2, 64, 64, 0, 0, true },
        { 6, 1, 40, 24, 0, 0, false },
        { 4, 2, 128, 96, 13, 0, true },
        { 4, 2, 32, 32, 50, 30, false },
        { 2, 1, 5, 3, 1, 2, true },
        { 40, 2, 16, 16, 0, 0, false },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Follows_the_definition(int heads, int kvHeads, int headDim, int valueDim, int window, float cap, bool sinks)
    {
        var shape = new AttentionShape(heads, kvHeads, headDim, valueDim, 0.2f, window, cap);
        using var pool = new WorkerPool(2);
        foreach (var (count, length) in new[] { (1, 1), (1, 33), (7, 7), (5, 100), (40, 64) })
        {
            var inputs = new Inputs(shape, count, length, sinks);
            float[] half = new float[count * heads * valueDim];
            float[] single = new float[count * heads * valueDim];
            Attention.Run(shape, inputs.Q, inputs.Keys, inputs.Values, count, length, inputs.Sinks, half, pool);
            Attention.Run(
                shape, inputs.Q, Array.ConvertAll(inputs.Keys, k => (float)k),
                Array.ConvertAll(inputs.Values, v => (float)v), count, length, inputs.Sinks, single, pool);
            double[] exact = Definition(shape, inputs, count, length);
            for (int i = 0; i < exact.Length; i++)
                Assert.InRange(half[i], exact[i] - 2e-6, exact[i] + 2e-6);
            Assert.Equal(half, single);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_position_gives_the_same_bits_alone_and_in_any_batch(
        int heads, int kvHeads, int headDim, int valueDim, int window, float cap, bool sinks)
    {
        const int Length = 150;
        var shape = new AttentionShape(heads, kvHeads, headDim, valueDim, 0.2f, window, cap);
        var inputs = new Inputs(shape, Length, Length, sinks);
        int row = heads * valueDim;
        float[] together = new float[Length * row];
        using var one = new WorkerPool(1);
        using var three = new WorkerPool(3);
        Attention.Run(shape, inputs.Q, inputs.Keys, inputs.Values, Length, Length, inputs.Sinks, together, three);
        foreach (var (first, count) in new[] { (0, 1), (31, 1), (32, 1), (149, 1), (64, 33), (100, 50), (3, 100) })
        {
            float[] part = new float[count * row];
            Attention.Run(
                shape, inputs.Q.AsSpan(first * heads * headDim, count * heads * headDim), inputs.Keys, inputs.Values,
                count, first + count, inputs.Sinks, part, one);
            Assert.Equal(together.AsSpan(first * row, count * row).ToArray(), part);
        }
    }

    [Fact]
    public void Positions_outside_the_window_and_in_the_future_are_not_read()
    {
        var shape = new AttentionShape(2, 1, 16, 16, 0.25f, Window: 8);
        var inputs = new Inputs(shape, 1, 64, sinks: false);
        float[] before = new float[32];
        float[] after = new float[32];
        using var pool = new WorkerPool(1);
        Attention.Run(shape, inputs.Q, inputs.Keys, inputs.Values, 1, 40, [], before, pool);
        for (int i = 0; i < inputs.Keys.Length; i++)
        {
            if (i / 16 is < 32 or >= 40)
                inputs.Keys[i] = inputs.Values[i] = Half.NaN;
        }

        Attention.Run(shape, inputs.Q, inputs.Keys, inputs.Values, 1, 40, [], after, pool);
        Assert.Equal(before, after);
    }

    [Fact]
    public void Short_buffers_and_impossible_shapes_are_refused()
    {
        var shape = new AttentionShape(4, 2, 8, 8, 1);
        var inputs = new Inputs(shape, 2, 4, sinks: true);
        float[] output = new float[2 * 4 * 8];
        using var pool = new WorkerPool(1);
        void Run(AttentionShape s, int q, int k, int v, int sinks, int o, int count = 2, int length = 4) => Attention.Run(
            s, inputs.Q.AsSpan(0, q), inputs.Keys.AsSpan(0, k), inputs.Values.AsSpan(0, v), count, length,
            inputs.Sinks.AsSpan(0, sinks), output.AsSpan(0, o), pool);
        Run(shape, 64, 64, 64, 4, 64);
        Assert.Throws<ArgumentException>(() => Run(shape, 63, 64, 64, 4, 64));
        Assert.Throws<ArgumentException>(() => Run(shape, 64, 63, 64, 4, 64));
        Assert.Throws<ArgumentException>(() => Run(shape, 64, 64, 63, 4, 64));
        Assert.Throws<ArgumentException>(() => Run(shape, 64, 64, 64, 3, 64));
        Assert.Throws<ArgumentException>(() => Run(shape, 64, 64, 64, 4, 63));
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(shape, 64, 64, 64, 4, 64, count: 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(shape with { KvHeads = 3 }, 64, 64, 64, 4, 64));
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(shape with { KvHeads = 0 }, 64, 64, 64, 4, 64));
    }

    private static double[] Definition(AttentionShape shape, Inputs inputs, int count, int length)
    {
        double[] output = new double[count * shape.Heads * shape.ValueDim];
        for (int t = 0; t < count; t++)
        {
            int position = length - count + t;
            int first = shape.Window > 0 ? Math.Max(0, position - shape.Window + 1) : 0;
            for (int h = 0; h < shape.Heads; h++)
            {
                int kv = h / (shape.Heads / shape.KvHeads);
                var scores = new List<double>();
                for (int p = first; p <= position; p++)
                {
                    double dot = 0;
                    for (int i = 0; i < shape.HeadDim; i++)
                        dot += inputs.Q[(((t * shape.Heads) + h) * shape.HeadDim) + i]
                            * (double)inputs.Keys[(((p * shape.KvHeads) + kv) * shape.HeadDim) + i];
                    dot *= shape.Scale;
                    scores.Add(shape.SoftCap > 0 ? shape.SoftCap * Math.Tanh(dot / shape.SoftCap) : dot);
                }

                double max = scores.Max();
                double sum = scores.Sum(s => Math.Exp(s - max))
                    + (inputs.Sinks.Length > 0 ? Math.Exp(inputs.Sinks[h] - max) : 0);
                for (int p = first; p <= position; p++)
                {
                    for (int i = 0; i < shape.ValueDim; i++)
                        output[(((t * shape.Heads) + h) * shape.ValueDim) + i] += Math.Exp(scores[p - first] - max) / sum
                            * (double)inputs.Values[(((p * shape.KvHeads) + kv) * shape.ValueDim) + i];
                }
            }
        }

        return output;
    }

    private sealed class Inputs
    {
        public Inputs(AttentionShape shape, int count, int length, bool sinks)
        {
            Q = RandomWeights.Activations(count * shape.Heads * shape.HeadDim, 1);
            Keys = [.. RandomWeights.Activations(length * shape.KvHeads * shape.HeadDim, 2).Select(v => (Half)v)];
            Values = [.. RandomWeights.Activations(length * shape.KvHeads * shape.ValueDim, 3).Select(v => (Half)v)];
            Sinks = sinks ? RandomWeights.Activations(shape.Heads, 4) : [];
        }

        public float[] Q { get; }

        public Half[] Keys { get; }

        public Half[] Values { get; }

        public float[] Sinks { get; }
    }
}
