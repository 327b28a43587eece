using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;
using Causerie.Compute.Threading;
using Causerie.Tests;

namespace Causerie.Compute.Tests.Kernels;

/// <summary>Products agree with mathematics in double, and with each other bit for bit.</summary>
public sealed class MatMulTests
{
    public static TheoryData<string> Formats => [.. TensorFormat.All.Values.Select(f => f.Name)];

    private static TensorFormat Format(string name) => TensorFormat.All.Values.Single(f => f.Name == name);

    private static bool InF32(TensorFormat format) =>
        format.Name is "F32" or "F16" or "BF16" or "TQ1_0" or "IQ3_S";

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_scalar_product_is_the_one_of_double_mathematics(string name)
    {
        var format = Format(name);
        using var pool = new WorkerPool(1);
        foreach (int columns in new[] { 256, 1024, 2816 })
        {
            const int Rows = 5;
            using var weights = new RandomWeights(format, Rows, columns, seed: columns, lead: 3);
            float[] x = RandomWeights.Activations(columns, seed: 7);
            float[] y = new float[Rows];
            MatMul.Multiply(weights.Matrix, 0, Rows, x, 1, y, pool, VectorWidth.Scalar);
            float[] row = new float[columns];
            for (int r = 0; r < Rows; r++)
            {
                weights.Matrix.DequantizeRow(r, row);
                double exact = 0, quantised = 0, size = 0, bound = 0;
                for (int k = 0; k < columns; k++)
                {
                    var (value, scale) = InF32(format) ? (x[k], 0) : Quantised(x, k, format.BlockLength);
                    exact += (double)row[k] * x[k];
                    quantised += (double)row[k] * value;
                    size += Math.Abs((double)row[k] * value);
                    bound += Math.Abs(row[k]) * scale * 0.5;
                }

                // The only freedom is the rounding of some f32 operations a tile: a wrong integer would show.
                // Formats with a minimum sum weights and minimum apart, which may be larger than the weights.
                double rounding = Math.Max(size, bound) * 2e-6;
                Assert.True(Math.Abs(y[r] - quantised) <= rounding, $"row {r} of {columns}: {y[r]} for {quantised}");
                Assert.True(Math.Abs(y[r] - exact) <= bound + rounding, $"row {r} of {columns}: {y[r]} for {exact}");
            }
        }
    }

    // The definition of the activations' quantisation, in the plainest words: those that meet a block share a scale.
    private static (double Value, double Scale) Quantised(float[] x, int k, int block)
    {
        float max = x.Skip(k / block * block).Take(block).Max(MathF.Abs);
        float scale = max / 127;
        return (MathF.Round(x[k] * (127 / max), MidpointRounding.ToEven) * (double)scale, scale);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_width_count_thread_and_position_gives_the_same_bits(string name)
    {
        var format = Format(name);
        using var one = new WorkerPool(1);
        using var three = new WorkerPool(3);
        int seed = 100;
        foreach (var (rows, columns) in new[] { (1, 256), (7, 512), (16, 768), (37, 1280), (64, 256) })
        {
            seed++;
            const int Most = 67;
            using var weights = new RandomWeights(format, rows, columns, seed, lead: seed % 7);
            float[] x = RandomWeights.Activations(Most * columns, seed);
            float[] expected = new float[Most * rows];
            MatMul.Multiply(weights.Matrix, 0, rows, x, Most, expected, one, VectorWidth.Scalar);
            foreach (var width in Enum.GetValues<VectorWidth>().Where(w => w.IsSupported()))
            {
                foreach (var (first, count) in new[] { (0, 1), (66, 1), (5, 2), (3, 7), (1, 64), (2, 65), (0, Most) })
                {
                    foreach (var pool in new[] { one, three })
                    {
                        float[] y = new float[count * rows];
                        MatMul.Multiply(weights.Matrix, 0, rows, x.AsSpan(first * columns), count, y, pool, width);
                        AssertSameBits(
                            expected.AsSpan(first * rows, count * rows), y,
                            $"{width}, {rows} rows, columns {first} to {first + count}, {pool.Threads} threads");
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData("F32")]
    [InlineData("F16")]
    [InlineData("BF16")]
    public void Rows_of_any_length_multiply_in_f32(string name)
    {
        using var pool = new WorkerPool(2);
        foreach (int columns in new[] { 1, 31, 33, 100, 513 })
        {
            using var weights = new RandomWeights(Format(name), 20, columns, seed: columns);
            float[] x = RandomWeights.Activations(columns, seed: 3);
            float[] y = new float[20];
            MatMul.Multiply(weights.Matrix, x, 1, y, pool);
            float[] row = new float[columns];
            for (int r = 0; r < 20; r++)
            {
                weights.Matrix.DequantizeRow(r, row);
                double exact = row.Zip(x, (w, v) => (double)w * v).Sum();
                double size = row.Zip(x, (w, v) => Math.Abs((double)w * v)).Sum();
                Assert.InRange(y[r], exact - (size * 1e-6), exact + (size * 1e-6));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_activation_that_is_no_number_spoils_its_column_only(string name)
    {
        using var pool = new WorkerPool(1);
        using var weights = new RandomWeights(Format(name), 16, 256, seed: 9);
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            float[] x = RandomWeights.Activations(3 * 256, seed: 1);
            x[256 + 40] = bad;
            float[] y = new float[3 * 16];
            MatMul.Multiply(weights.Matrix, x, 3, y, pool);
            Assert.All(y[..16], v => Assert.True(float.IsFinite(v)));
            Assert.Contains(y[16..32], v => !float.IsFinite(v));
            Assert.All(y[32..], v => Assert.True(float.IsFinite(v)));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Zero_and_denormal_activations_give_finite_results(string name)
    {
        using var pool = new WorkerPool(1);
        using var weights = new RandomWeights(Format(name), 16, 256, seed: 9);
        float[] x = new float[256];
        float[] y = new float[16];
        MatMul.Multiply(weights.Matrix, x, 1, y, pool);
        Assert.All(y, v => Assert.Equal(0, v));
        x[3] = float.Epsilon;
        MatMul.Multiply(weights.Matrix, x, 1, y, pool);
        Assert.All(y, v => Assert.InRange(v, -1e-30f, 1e-30f));
    }

    [Fact]
    public void Slices_multiply_like_the_rows_that_they_are()
    {
        using var pool = new WorkerPool(2);
        using var weights = new RandomWeights(Format("Q4_K"), 48, 512, seed: 4);
        float[] x = RandomWeights.Activations(2 * 512, seed: 5);
        float[] whole = new float[2 * 48];
        float[] part = new float[2 * 19];
        MatMul.Multiply(weights.Matrix, x, 2, whole, pool);
        MatMul.Multiply(weights.Matrix.Slice(11, 19), x, 2, part, pool);
        AssertSameBits(whole.AsSpan(11, 19), part.AsSpan(0, 19), "first column");
        AssertSameBits(whole.AsSpan(48 + 11, 19), part.AsSpan(19, 19), "second column");

        part.AsSpan().Clear();
        MatMul.Multiply(weights.Matrix, 11, 19, x, 2, part, pool);
        AssertSameBits(whole.AsSpan(48 + 11, 19), part.AsSpan(19, 19), "second column of the rows");
        Assert.Throws<ArgumentOutOfRangeException>(() => MatMul.Multiply(weights.Matrix, 30, 19, x, 2, part, pool));
        Assert.Throws<ArgumentOutOfRangeException>(() => MatMul.Multiply(weights.Matrix, -1, 19, x, 2, part, pool));
    }

    [Fact]
    public void The_bits_are_those_of_every_other_processor()
    {
        // Recorded with AVX-512; with any instruction set switched off it must come out again.
        using var pool = new WorkerPool(2);
        ulong hash = 14695981039346656037;
        foreach (var format in TensorFormat.All.Values)
        {
            using var weights = new RandomWeights(format, 21, 512, seed: format.Id);
            float[] x = [.. Enumerable.Range(0, 3 * 512).Select(i => ((i * 7919 % 1000) - 500) / 250f)];
            float[] y = new float[3 * 21];
            MatMul.Multiply(weights.Matrix, x, 3, y, pool);
            foreach (float value in y)
                hash = (hash ^ BitConverter.SingleToUInt32Bits(value)) * 1099511628211;
        }

        Assert.Equal(4941618221688281940UL, hash);
    }

    [Fact]
    public void Short_buffers_are_refused()
    {
        using var pool = new WorkerPool(1);
        using var weights = new RandomWeights(Format("Q8_0"), 4, 64, seed: 4);
        Assert.Throws<ArgumentException>(() => MatMul.Multiply(weights.Matrix, new float[127], 2, new float[8], pool));
        Assert.Throws<ArgumentException>(() => MatMul.Multiply(weights.Matrix, new float[128], 2, new float[7], pool));
    }

    [Fact]
    public void A_call_allocates_nothing()
    {
        using var pool = new WorkerPool(2);
        using var weights = new RandomWeights(Format("Q4_0"), 256, 1024, seed: 4);
        float[] x = RandomWeights.Activations(1024, seed: 5);
        float[] y = new float[256];
        Calls();
        Assert.Equal(0, Allocated.Least(Calls));

        void Calls()
        {
            for (int i = 0; i < 50; i++)
                MatMul.Multiply(weights.Matrix, x, 1, y, pool);
        }
    }

    private static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string where)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                Assert.Fail($"{where}: element {i} is {actual[i]:R} instead of {expected[i]:R}");
        }
    }
}
