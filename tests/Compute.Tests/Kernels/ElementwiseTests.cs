using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Kernels;

/// <summary>The steps between products, at lengths that do and do not fill vectors, against double.</summary>
public sealed class ElementwiseTests
{
    private static readonly int[] Lengths = [1, 7, 8, 9, 64, 77];

    private static void Check(Action<float[], float[]> run, Func<double, double, double> exact, double relative = 1e-6)
    {
        foreach (int length in Lengths)
        {
            float[] x = [.. RandomWeights.Activations(length, length).Select(v => v * 4)];
            float[] y = [.. RandomWeights.Activations(length, length + 1).Select(v => v * 4)];
            float[] result = [.. x];
            run(result, y);
            for (int i = 0; i < length; i++)
            {
                double expected = exact(x[i], y[i]);
                double allowed = (Math.Abs(expected) * relative) + (1e-6 * Math.Abs((double)x[i] * y[i])) + 1e-6;
                Assert.InRange(result[i], expected - allowed, expected + allowed);
            }
        }
    }

    private static double Silu(double x) => x / (1 + Math.Exp(-x));

    private static double Gelu(double x) =>
        0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));

    private static double GeluErf(double x) => 0.5 * x * (1 + VectorMathTests.Erf(x / Math.Sqrt(2)));

    [Fact]
    public void Adds() => Check((x, y) => Elementwise.Add(x, y), (x, y) => x + y);

    [Fact]
    public void Scales() => Check((x, _) => Elementwise.Scale(x, 0.3f), (x, _) => x * 0.3f);

    [Fact]
    public void Silu_gates() => Check((x, y) => Elementwise.SiluMultiply(x, y), (x, y) => Silu(x) * y);

    [Fact]
    public void Silu_alone() => Check((x, _) => Activation.Silu(x), (x, _) => Silu(x));

    [Fact]
    public void Gelu_gates() => Check((x, y) => Elementwise.GeluMultiply(x, y), (x, y) => Gelu(x) * y);

    [Fact]
    public void Gelu_alone() => Check((x, _) => Activation.Gelu(x), (x, _) => Gelu(x));

    [Fact]
    public void Exact_gelu()
    {
        Check((x, y) => Elementwise.GeluErfMultiply(x, y), (x, y) => GeluErf(x) * y);
        Check((x, _) => Activation.GeluErf(x), (x, _) => GeluErf(x), relative: 2e-6);
    }

    [Fact]
    public void Caps() => Check((x, _) => Elementwise.SoftCap(x, 3), (x, _) => 3 * Math.Tanh(x / 3));

    [Fact]
    public void Clamped_swiglu() => Check(
        (x, y) => Activation.ClampedSwiGlu(x, y, 1.702f, 2),
        (x, y) => Math.Min(x, 2) / (1 + Math.Exp(-1.702 * Math.Min(x, 2))) * (Math.Clamp(y, -2, 2) + 1));

    [Fact]
    public void Not_a_number_stays_none()
    {
        float[] x = [float.NaN, 1];
        Elementwise.SiluMultiply(x, [1, 1]);
        Assert.True(float.IsNaN(x[0]));
        float[] up = [float.NaN];
        float[] gate = [1];
        Activation.ClampedSwiGlu(gate, up, 1.702f, 7);
        Assert.True(float.IsNaN(gate[0]));
    }

    [Fact]
    public void Softmax_sums_to_one_and_survives_large_logits()
    {
        float[] x = [1000, 999, float.NegativeInfinity, 900];
        Elementwise.Softmax(x);
        Assert.InRange(x[0], 0.7310585f, 0.7310587f);
        Assert.InRange(x[1], 0.2689414f, 0.2689415f);
        Assert.Equal(0, x[2]);
        Assert.Equal(1, x.Sum(), 1e-6f);
    }

    [Fact]
    public void Bias_is_added_to_every_row_and_to_whole_rows_only()
    {
        float[] x = [1, 2, 3, 4, 5, 6];
        Elementwise.AddBias(x, [10, 20]);
        Assert.Equal([11, 22, 13, 24, 15, 26], x);
        Assert.Throws<ArgumentException>(() => Elementwise.AddBias(new float[5], [1, 2]));
        Assert.Throws<ArgumentException>(() => Elementwise.Add(new float[5], new float[4]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(200)]
    public void Threads_and_fusing_change_no_bit(int rows)
    {
        const int Width = 1021;
        using var pool = new WorkerPool(3);
        float[] x = RandomWeights.Activations(rows * Width, 1);
        float[] y = RandomWeights.Activations(rows * Width, 2);
        float[] weight = RandomWeights.Activations(Width, 3);
        float[] bias = RandomWeights.Activations(Width, 4);
        Same(a => Elementwise.Add(a, y), a => Elementwise.Add(a, y, pool));
        Same(a => Elementwise.SiluMultiply(a, y), a => Elementwise.SiluMultiply(a, y, pool));
        Same(a => Activation.Gelu(a), a => Activation.Gelu(a, pool));
        Same(a => Elementwise.AddBias(a, bias), a => Elementwise.AddBias(a, bias, pool));
        Same(a => RmsNorm.Apply(a, weight, 1e-5f, a), a => RmsNorm.Apply(a, weight, 1e-5f, a, pool));
        Same(a => LayerNorm.Apply(a, weight, bias, 1e-5f, a), a => LayerNorm.Apply(a, weight, bias, 1e-5f, a, pool));

        float[] normed = new float[x.Length], sums = [.. x];
        RmsNorm.AddApply(sums, y, weight, 1e-5f, normed, pool);
        Same(a => Elementwise.Add(a, y), a => sums.CopyTo(a, 0));
        Same(a => { Elementwise.Add(a, y); RmsNorm.Apply(a, weight, 1e-5f, a); }, a => normed.CopyTo(a, 0));
        sums = [.. x];
        LayerNorm.AddApply(sums, y, weight, bias, 1e-5f, normed, pool);
        Same(a => { Elementwise.Add(a, y); LayerNorm.Apply(a, weight, bias, 1e-5f, a); }, a => normed.CopyTo(a, 0));
        Assert.Throws<ArgumentException>(() => RmsNorm.AddApply(sums, y.AsSpan(1), weight, 1e-5f, normed, pool));

        var rope = new Rope([1, 0.5f, 0.1f], RopePairing.Halves);
        var turns = new RopeTurns(rope);
        turns.Take([.. Enumerable.Range(0, rows)]);
        Same(a => rope.Apply(a, 100, 10, turns), a => rope.Apply(a, 100, 10, turns, pool));

        void Same(Action<float[]> one, Action<float[]> other)
        {
            float[] a = [.. x], b = [.. x];
            one(a);
            other(b);
            Assert.Equal(a, b);
        }
    }

    [Fact]
    public void Table_rows_are_looked_up_by_any_thread()
    {
        using var weights = new RandomWeights(TensorFormat.All[8], 40, 2048, 1);
        using var pool = new WorkerPool(2);
        int[] ids = [.. Enumerable.Range(0, 100).Select(i => i * 7 % 40)];
        float[] x = new float[ids.Length * 2048], row = new float[2048];
        TableRows.Look(weights.Matrix, ids, x, pool);
        for (int i = 0; i < ids.Length; i++)
        {
            weights.Matrix.DequantizeRow(ids[i], row);
            Assert.Equal(row, x.AsSpan(i * 2048, 2048).ToArray());
        }
        Assert.Throws<ArgumentException>(() => TableRows.Look(weights.Matrix, ids, x.AsSpan(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => TableRows.Look(weights.Matrix, [40], x));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(64)]
    [InlineData(1021)]
    public void Normalisations_follow_their_definitions(int width)
    {
        float[] x = RandomWeights.Activations(3 * width, 1);
        float[] weight = RandomWeights.Activations(width, 2);
        float[] bias = RandomWeights.Activations(width, 3);
        float[] rms = new float[3 * width];
        float[] layer = [.. x];
        RmsNorm.Apply(x, weight, 1e-5f, rms);
        LayerNorm.Apply(layer, weight, bias, 1e-5f, layer);
        for (int i = 0; i < x.Length; i++)
        {
            var row = x.Skip(i / width * width).Take(width).Select(v => (double)v).ToList();
            double mean = row.Average();
            double root = Math.Sqrt(row.Average(v => v * v) + 1e-5);
            double deviation = Math.Sqrt(row.Average(v => (v - mean) * (v - mean)) + 1e-5);
            Assert.Equal(x[i] / root * weight[i % width], rms[i], 1e-5);
            Assert.Equal(((x[i] - mean) / deviation * weight[i % width]) + bias[i % width], layer[i], 1e-5);
        }

        Assert.Throws<ArgumentException>(() => RmsNorm.Apply(x.AsSpan(1), weight, 1e-5f, rms));
        Assert.Throws<ArgumentException>(() => RmsNorm.Apply(x, weight, 1e-5f, rms.AsSpan(1)));
    }

    [Theory]
    [InlineData(RopePairing.Adjacent, 12, 32)]
    [InlineData(RopePairing.Halves, 12, 32)]
    [InlineData(RopePairing.Adjacent, 32, 64)]
    [InlineData(RopePairing.Halves, 32, 64)]
    [InlineData(RopePairing.Halves, 3, 6)]
    public void Rope_turns_each_pair_by_its_angle(RopePairing pairing, int pairs, int headDim)
    {
        float[] frequencies = [.. Enumerable.Range(0, pairs).Select(i => MathF.Pow(10000, -(float)i / pairs))];
        const int Heads = 3;
        int[] positions = [0, 1, 17, 4095];
        float[] x = RandomWeights.Activations(positions.Length * Heads * headDim, 1);
        float[] turned = [.. x];
        var rope = new Rope(frequencies, pairing, 1.25f);
        var turns = new RopeTurns(rope);
        turns.Take(positions);
        rope.Apply(turned, Heads, headDim, turns);
        for (int row = 0; row < positions.Length * Heads; row++)
        {
            double[] expected = [.. x.Skip(row * headDim).Take(headDim)];
            for (int i = 0; i < pairs; i++)
            {
                double angle = positions[row / Heads] * frequencies[i];
                int a = pairing == RopePairing.Adjacent ? 2 * i : i;
                int b = pairing == RopePairing.Adjacent ? a + 1 : i + pairs;
                var (va, vb) = (x[(row * headDim) + a], x[(row * headDim) + b]);
                expected[a] = 1.25 * ((va * Math.Cos(angle)) - (vb * Math.Sin(angle)));
                expected[b] = 1.25 * ((va * Math.Sin(angle)) + (vb * Math.Cos(angle)));
            }

            // The angle itself is an f32, as in the peer: at position 4095 it is exact to 2^−12.
            for (int i = 0; i < headDim; i++)
                Assert.Equal(expected[i], turned[(row * headDim) + i], 1e-3);
        }

        turns.Keep([1, 3]);
        float[] kept = [.. x.AsSpan(Heads * headDim, Heads * headDim), .. x.AsSpan(3 * Heads * headDim)];
        rope.Apply(kept, Heads, headDim, turns);
        Assert.Equal([.. turned.AsSpan(Heads * headDim, Heads * headDim), .. turned.AsSpan(3 * Heads * headDim)], kept);

        Assert.Throws<ArgumentException>(() => rope.Apply(turned, Heads, (2 * pairs) - 1, turns));
        Assert.Throws<ArgumentException>(() => rope.Apply(kept.AsSpan(1), Heads, headDim, turns));
        Assert.Throws<ArgumentException>(() => new Rope(frequencies, pairing).Apply(turned, Heads, headDim, turns));
    }
}
