using Causerie.Compute.Gradients;
using Causerie.Compute.Lanes;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Gradients;

public sealed class GemmTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(8, 32, 256)]
    [InlineData(7, 31, 255)]
    [InlineData(9, 33, 257)]
    [InlineData(40, 100, 3)]
    [InlineData(33, 5, 600)]
    [InlineData(100, 64, 128)]
    public void Each_element_is_one_chain_of_multiply_adds_whatever_the_width_and_the_threads(int m, int n, int k)
    {
        var random = new Random((m * 1000) + (n * 10) + k);
        foreach (bool transposeA in (bool[])[false, true])
            foreach (bool transposeB in (bool[])[false, true])
                foreach (bool add in (bool[])[false, true])
                {
                    int pad = random.Next(3), strideA = (transposeA ? m : k) + pad, strideB = (transposeB ? k : n) + pad;
                    int stride = n + pad;
                    float[] a = Numbers(random, (transposeA ? k : m) * strideA);
                    float[] b = Numbers(random, (transposeB ? n : k) * strideB);
                    float[] start = Numbers(random, m * stride);
                    float[] expected = [.. start];
                    for (int i = 0; i < m; i++)
                    {
                        for (int j = 0; j < n; j++)
                        {
                            float sum = add ? start[(i * stride) + j] : 0;
                            for (int t = 0; t < k; t++)
                                sum = MathF.FusedMultiplyAdd(
                                    b[transposeB ? (j * strideB) + t : (t * strideB) + j],
                                    a[transposeA ? (t * strideA) + i : (i * strideA) + t], sum);
                            expected[(i * stride) + j] = sum;
                        }
                    }

                    foreach (var width in Enum.GetValues<VectorWidth>().Where(width => width.IsSupported()))
                        foreach (int threads in (int[])[1, 3])
                        {
                            using var pool = new WorkerPool(threads);
                            float[] c = [.. start];
                            Gemm.Multiply(Matrix(a, m, k, strideA, transposeA), Matrix(b, k, n, strideB, transposeB), c, stride, add,
                                pool, width);
                            Assert.True(
                                c.AsSpan().SequenceEqual(expected),
                                $"{m} {n} {k} {transposeA} {transposeB} {add} {width} {threads}");
                        }
                }
    }

    [Fact]
    public void An_empty_sum_is_zero_or_what_was_there()
    {
        using var pool = new WorkerPool(1);
        float[] c = [1, 2, 3, 4];
        Gemm.Multiply(new FloatMatrix([], 2, 0), new FloatMatrix([], 0, 2), c, 2, add: true, pool);
        Assert.Equal([1f, 2, 3, 4], c);
        Gemm.Multiply(new FloatMatrix([], 2, 0), new FloatMatrix([], 0, 2), c, 2, add: false, pool);
        Assert.Equal([0f, 0, 0, 0], c);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        using var pool = new WorkerPool(1);
        Assert.Throws<ArgumentException>(() => new FloatMatrix(new float[5], 2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FloatMatrix(new float[6], 2, 3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FloatMatrix(new float[6], -1, 3));
        Assert.Throws<ArgumentException>(() => Gemm.Multiply(
            new FloatMatrix(new float[6], 2, 3), new FloatMatrix(new float[6], 2, 3), new float[9], 3, false, pool));
        Assert.Throws<ArgumentException>(() => Gemm.Multiply(
            new FloatMatrix(new float[6], 2, 3), new FloatMatrix(new float[6], 3, 2), new float[3], 2, false, pool));
        Assert.Throws<ArgumentOutOfRangeException>(() => Gemm.Multiply(
            new FloatMatrix(new float[6], 2, 3), new FloatMatrix(new float[6], 3, 2), new float[9], 1, false, pool));
    }

    private static FloatMatrix Matrix(float[] values, int rows, int columns, int stride, bool transposed) =>
        transposed
            ? new FloatMatrix(values, columns, rows, stride).Transposed
            : new FloatMatrix(values, rows, columns, stride);

    private static float[] Numbers(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
}
