using Causerie.Compute.Gradients;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Gradients;

public sealed class CausalAttentionTests
{
    private static readonly CausalAttention Shape = new(4, 2, 6);
    private static readonly int[] Starts = [0, 3, 3, 8, 9];

    [Fact]
    public void Forward_is_plain_attention_within_each_document()
    {
        var (q, k, v) = Inputs(new Random(5), 9);
        using var pool = new WorkerPool(2);
        var output = new float[q.Length];
        Shape.Forward(Starts, Slope.Single(q), Slope.Single(k), Slope.Single(v), output, pool);
        Slope.AssertClose(Attend(Shape, Starts, q, k, v), output);
    }

    [Fact]
    public void Backward_is_the_slope_of_finite_differences()
    {
        var random = new Random(6);
        var (q, k, v) = Inputs(random, 9);
        double[] weights = Slope.Numbers(random, q.Length);
        double F(double[] q, double[] k, double[] v) =>
            Attend(Shape, Starts, q, k, v).Zip(weights, (a, b) => a * b).Sum();
        using var pool = new WorkerPool(2);
        float[] dq = new float[q.Length], dk = new float[k.Length], dv = new float[v.Length];
        Shape.Backward(
            Starts, Slope.Single(q), Slope.Single(k), Slope.Single(v), Slope.Single(weights), dq, dk, dv, pool);
        Slope.AssertClose(Slope.Of(x => F(x, k, v), q), dq);
        Slope.AssertClose(Slope.Of(x => F(q, x, v), k), dk);
        Slope.AssertClose(Slope.Of(x => F(q, k, x), v), dv);
    }

    [Fact]
    public void Long_documents_are_attended_like_short_ones_and_alike_on_any_number_of_threads()
    {
        var shape = new CausalAttention(2, 1, 16);
        var random = new Random(7);
        const int Tokens = 700;
        int[] starts = [0, 600, Tokens];
        double[] q = Slope.Numbers(random, Tokens * 32, 2), k = Slope.Numbers(random, Tokens * 16, 2);
        double[] v = Slope.Numbers(random, Tokens * 16), d = Slope.Numbers(random, Tokens * 32);
        float[]? first = null;
        foreach (int threads in (int[])[1, 2, 3])
        {
            using var pool = new WorkerPool(threads);
            float[] output = new float[q.Length], dq = new float[q.Length], dk = new float[k.Length];
            float[] dv = new float[v.Length];
            shape.Forward(starts, Slope.Single(q), Slope.Single(k), Slope.Single(v), output, pool);
            shape.Backward(
                starts, Slope.Single(q), Slope.Single(k), Slope.Single(v), Slope.Single(d), dq, dk, dv, pool);
            Slope.AssertClose(Attend(shape, starts, q, k, v), output);
            float[] all = [.. output, .. dq, .. dk, .. dv];
            first ??= all;
            Assert.True(first.AsSpan().SequenceEqual(all));
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var pool = new WorkerPool(1);
        var x = new float[48];
        Assert.Throws<ArgumentException>(() => Shape.Forward([0, 2], x, x, x, x, pool));
        Assert.Throws<ArgumentException>(() => Shape.Forward([0, 3, 2], x, x.AsSpan(0, 24), x.AsSpan(0, 24), x, pool));
        Assert.Throws<ArgumentException>(() => Shape.Forward([1, 2], x, x.AsSpan(0, 24), x.AsSpan(0, 24), x, pool));
        Assert.Throws<ArgumentException>(
            () => new CausalAttention(3, 2, 8).Forward([0, 2], x, x.AsSpan(0, 32), x.AsSpan(0, 32), x, pool));
    }

    private static (double[] Q, double[] K, double[] V) Inputs(Random random, int tokens) =>
        (Slope.Numbers(random, tokens * 24, 2), Slope.Numbers(random, tokens * 12, 2), Slope.Numbers(random, tokens * 12));

    private static double[] Attend(CausalAttention shape, int[] starts, double[] q, double[] k, double[] v)
    {
        int wide = shape.Heads * shape.HeadDim, narrow = shape.KeyHeads * shape.HeadDim, d = shape.HeadDim;
        var output = new double[q.Length];
        for (int document = 0; document + 1 < starts.Length; document++)
        {
            for (int t = starts[document]; t < starts[document + 1]; t++)
            {
                for (int h = 0; h < shape.Heads; h++)
                {
                    int kh = h / (shape.Heads / shape.KeyHeads);
                    double[] weights =
                    [
                        .. Enumerable.Range(starts[document], t - starts[document] + 1).Select(s => Math.Exp(
                            Enumerable.Range(0, d).Sum(i => q[(t * wide) + (h * d) + i] * k[(s * narrow) + (kh * d) + i])
                            / Math.Sqrt(d))),
                    ];
                    double sum = weights.Sum();
                    for (int i = 0; i < d; i++)
                        output[(t * wide) + (h * d) + i] = weights
                            .Select((w, s) => w / sum * v[((starts[document] + s) * narrow) + (kh * d) + i]).Sum();
                }
            }
        }
        return output;
    }
}
