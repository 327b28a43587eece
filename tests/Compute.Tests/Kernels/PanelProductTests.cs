using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Kernels;

/// <summary>A matrix in panels gives the bits of the same matrix in rows, whatever is asked of it.</summary>
public sealed class PanelProductTests
{
    private static int[] Counts { get; } = [1, 2, 7, 64, 65];

    public static TheoryData<string> Formats => [.. TensorFormat.All.Values.Select(f => f.Name)];

    private static TensorFormat Format(string name) => TensorFormat.All.Values.Single(f => f.Name == name);

    [Theory]
    [MemberData(nameof(Formats))]
    public void Panels_multiply_like_rows(string name)
    {
        using var one = new WorkerPool(1);
        using var three = new WorkerPool(3);
        foreach (var (rows, columns) in new[] { (1, 256), (15, 512), (16, 768), (37, 1280), (100, 256) })
        {
            using var weights = new RandomWeights(Format(name), rows, columns, seed: rows, lead: rows % 7);
            var inRows = weights.Again();
            using var memory = RandomWeights.Arrange(three, [weights.Matrix]);
            float[] x = RandomWeights.Activations(Counts[^1] * columns, seed: rows);
            x.AsSpan(columns, columns).Clear();
            x.AsSpan(2 * columns, columns).Fill(float.Epsilon);
            x.AsSpan(3 * columns, 32).Fill(1e30f);
            float[] expected = new float[Counts[^1] * rows];
            MatMul.Multiply(inRows, 0, rows, x, Counts[^1], expected, three, VectorWidth.Scalar);
            foreach (var width in Widths)
            {
                foreach (int count in Counts)
                {
                    foreach (var pool in new[] { one, three })
                    {
                        float[] y = Guarded(count * rows);
                        MatMul.Multiply(weights.Matrix, 0, rows, x, count, y.AsSpan(0, count * rows), pool, width);
                        AssertSame(expected.AsSpan(0, count * rows), y, $"{width}, {rows} rows, {count}, {pool.Threads}");
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Slices_begin_and_end_inside_panels(string name)
    {
        const int Rows = 53, Columns = 512, Count = 65;
        using var pool = new WorkerPool(2);
        using var weights = new RandomWeights(Format(name), Rows, Columns, seed: 3, lead: 5);
        var inRows = weights.Again();
        using var memory = RandomWeights.Arrange(pool, [weights.Matrix]);
        float[] x = RandomWeights.Activations(Count * Columns, seed: 8);
        foreach (var (first, rows) in new[]
            { (0, 1), (15, 1), (16, 1), (52, 1), (3, 9), (7, 25), (15, 2), (16, 16), (20, 33), (31, 18), (48, 5), (5, 0) })
        {
            foreach (int count in new[] { 1, 3, Count })
            {
                float[] expected = new float[count * rows];
                MatMul.Multiply(inRows, first, rows, x, count, expected, pool, VectorWidth.Scalar);
                foreach (var width in Widths)
                {
                    float[] y = Guarded(count * rows);
                    MatMul.Multiply(weights.Matrix, first, rows, x, count, y.AsSpan(0, count * rows), pool, width);
                    AssertSame(expected, y, $"{width}, rows {first} + {rows}, {count} columns");
                }

                // A slice of a slice, which begins at neither's row.
                int before = first / 2;
                var slice = weights.Matrix.Slice(before, Rows - before).Slice(first - before, rows);
                float[] sliced = Guarded(count * rows);
                MatMul.Multiply(slice, x, count, sliced.AsSpan(0, count * rows), pool);
                AssertSame(expected, sliced, $"a slice of rows {first} + {rows}, {count} columns");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Rows_are_decoded_from_panels(string name)
    {
        const int Rows = 37, Columns = 512;
        using var pool = new WorkerPool(1);
        using var weights = new RandomWeights(Format(name), Rows, Columns, seed: 6, lead: 2);
        var inRows = weights.Again();
        using var memory = RandomWeights.Arrange(pool, [weights.Matrix]);
        float[] expected = new float[Columns], actual = new float[Columns + 3];
        for (int row = 0; row < Rows; row++)
        {
            inRows.DequantizeRow(row, expected);
            weights.Matrix.DequantizeRow(row, actual);
            AssertBits(expected, actual.AsSpan(0, Columns), $"row {row}");
            weights.Matrix.Slice(row / 2, Rows - (row / 2)).DequantizeRow(row - (row / 2), actual);
            AssertBits(expected, actual.AsSpan(0, Columns), $"row {row} of a slice");
        }
    }

    [Fact]
    public void Products_that_share_activations_are_the_products_one_by_one()
    {
        const int Columns = 512;
        using var pool = new WorkerPool(3);
        float[] x = RandomWeights.Activations(65 * Columns, seed: 12);
        var formats = TensorFormat.All.Values.ToArray();
        for (int i = 0; i < formats.Length; i++)
        {
            // Neighbours in the list, so that formats of the same and of other records meet; in panels, in rows, mixed.
            using var u = new RandomWeights(formats[i], 37, Columns, seed: i);
            using var v = new RandomWeights(formats[(i + 1) % formats.Length], 16, Columns, seed: i + 50);
            using var w = new RandomWeights(formats[(i + 5) % formats.Length], 21, Columns, seed: i + 90);
            RandomWeights[] all = [u, v, w];
            using var memory = RandomWeights.Arrange(
                pool, all.Where((_, at) => i % 4 == 3 || at != i % 4).Select(a => a.Matrix));
            foreach (int count in Counts)
            {
                float[][] expected = [.. all.Select(a => new float[count * a.Matrix.Rows])];
                for (int at = 0; at < 3; at++)
                    MatMul.Multiply(all[at].Again(), x, count, expected[at], pool);
                float[] a = Guarded(expected[0].Length), b = Guarded(expected[1].Length), c = Guarded(expected[2].Length);
                MatMul.Multiply(u.Matrix, a, v.Matrix, b, w.Matrix, c, x, count, pool);
                AssertSame(expected[0], a, $"{i}: first of three, {count} columns");
                AssertSame(expected[1], b, $"{i}: second of three, {count} columns");
                AssertSame(expected[2], c, $"{i}: third of three, {count} columns");
                a = Guarded(expected[0].Length);
                c = Guarded(expected[2].Length);
                MatMul.Multiply(w.Matrix, c, u.Matrix, a, x, count, pool);
                AssertSame(expected[2], c, $"{i}: first of two, {count} columns");
                AssertSame(expected[0], a, $"{i}: second of two, {count} columns");
            }
        }
    }

    [Fact]
    public void Products_that_share_activations_may_be_empty_or_slices()
    {
        using var pool = new WorkerPool(2);
        using var weights = new RandomWeights(Format("Q4_K"), 40, 256, seed: 2);
        using var other = new RandomWeights(Format("F16"), 40, 256, seed: 3);
        using var memory = RandomWeights.Arrange(pool, [weights.Matrix, other.Matrix]);
        float[] x = RandomWeights.Activations(2 * 256, seed: 2);
        float[] expected = new float[2 * 9], empty = [], expectedOther = new float[2 * 40];
        MatMul.Multiply(weights.Again(), 5, 9, x, 2, expected, pool);
        MatMul.Multiply(other.Again(), x, 2, expectedOther, pool);
        float[] a = Guarded(expected.Length), b = Guarded(expectedOther.Length);
        MatMul.Multiply(weights.Matrix.Slice(3, 0), empty, weights.Matrix.Slice(5, 9), a, other.Matrix, b, x, 2, pool);
        AssertSame(expected, a, "a slice behind nothing");
        AssertSame(expectedOther, b, "a matrix behind a slice");
        MatMul.Multiply(weights.Matrix, empty, other.Matrix, empty, x, 0, pool);
        using var narrow = new RandomWeights(Format("F16"), 4, 32, seed: 3);
        Assert.Throws<ArgumentException>(
            () => MatMul.Multiply(weights.Matrix, new float[40], narrow.Matrix, new float[4], x, 1, pool));
        Assert.Throws<ArgumentException>(
            () => MatMul.Multiply(weights.Matrix, new float[80], other.Matrix, new float[79], x, 2, pool));
    }

    private static IEnumerable<VectorWidth> Widths => Enum.GetValues<VectorWidth>().Where(w => w.IsSupported());

    /// <summary>Numbers that no product writes, with some more behind those that it should.</summary>
    private static float[] Guarded(int length)
    {
        float[] y = new float[length + 16];
        Array.Fill(y, -12345.5f);
        return y;
    }

    private static void AssertSame(ReadOnlySpan<float> expected, float[] guarded, string where)
    {
        AssertBits(expected, guarded.AsSpan(0, expected.Length), where);
        Assert.True(guarded.AsSpan(expected.Length).IndexOfAnyExcept(-12345.5f) < 0, $"{where}: written behind y");
    }

    private static void AssertBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string where)
    {
        for (int i = 0; i < expected.Length; i++)
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                Assert.Fail($"{where}: element {i} is {actual[i]:R} instead of {expected[i]:R}");
    }
}
