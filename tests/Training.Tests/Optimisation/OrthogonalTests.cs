using Causerie.Compute.Threading;
using Causerie.Training.Corpus;
using Causerie.Training.Optimisation;

namespace Causerie.Training.Tests.Optimisation;

public sealed class OrthogonalTests
{
    [Theory]
    [InlineData(24, 24)]
    [InlineData(16, 40)]
    [InlineData(40, 16)]
    [InlineData(1, 9)]
    public void Rows_or_columns_become_nearly_orthonormal(int rows, int columns)
    {
        using var pool = new WorkerPool(2);
        float[] x = Random(rows * columns);
        new Orthogonal(pool).Apply(x, rows, columns);
        int side = Math.Min(rows, columns);

        // The sum of the singular values' squares, and that of their fourth powers: each value is 0.68 to 1.14.
        double squares = x.Sum(value => (double)value * value), fourths = 0;
        for (int i = 0; i < side; i++)
        {
            for (int j = 0; j < side; j++)
            {
                double dot = 0;
                for (int k = 0; k < rows * columns / side; k++)
                    dot += (double)At(i, k) * At(j, k);
                fourths += dot * dot;
            }
        }
        Assert.InRange(squares / side, 0.4, 1.5);
        Assert.InRange(fourths / side, 0.2, 2);

        float At(int i, int k) => rows <= columns ? x[(i * columns) + k] : x[(k * columns) + i];
    }

    [Fact]
    public void A_diagonal_matrix_keeps_its_directions_and_signs()
    {
        using var pool = new WorkerPool(1);
        float[] x = [0.5f, 0, 0, 0, -0.2f, 0, 0, 0, 3];
        new Orthogonal(pool).Apply(x, 3, 3);
        for (int i = 0; i < 9; i++)
            Assert.True(i % 4 == 0 ? Math.Abs(x[i]) is > 0.6f and < 1.3f : Math.Abs(x[i]) < 1e-5f, $"{i}: {x[i]}");
        Assert.True(x[4] < 0);
    }

    [Fact]
    public void Zeros_stay_zeros()
    {
        using var pool = new WorkerPool(1);
        var x = new float[12];
        new Orthogonal(pool).Apply(x, 3, 4);
        Assert.All(x, value => Assert.Equal(0, value));
    }

    [Fact]
    public void The_bits_are_the_same_on_any_number_of_threads()
    {
        float[]? first = null;
        foreach (int threads in (int[])[1, 2, 5])
        {
            using var pool = new WorkerPool(threads);
            float[] x = Random(70 * 33);
            new Orthogonal(pool).Apply(x, 70, 33);
            first ??= x;
            Assert.True(first.AsSpan().SequenceEqual(x), $"{threads} threads");
        }
    }

    private static float[] Random(int count)
    {
        var dice = new Dice(5);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(dice.NextDouble() - 0.5))];
    }
}
