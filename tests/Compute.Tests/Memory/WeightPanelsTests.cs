using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Memory;

/// <summary>Matrices move to panels as a whole or not at all, and nobody reads what is gone.</summary>
public sealed class WeightPanelsTests
{
    private static TensorFormat Format(string name) => TensorFormat.All.Values.Single(f => f.Name == name);

    private static float[] Product(WeightMatrix matrix, WorkerPool pool)
    {
        float[] y = new float[matrix.Rows];
        MatMul.Multiply(matrix, RandomWeights.Activations(matrix.Columns, seed: 1), 1, y, pool);
        return y;
    }

    [Fact]
    public void Slices_of_a_matrix_count_once()
    {
        using var pool = new WorkerPool(2);
        using var weights = new RandomWeights(Format("Q8_0"), 50, 64, seed: 1);
        float[] expected = Product(weights.Again(), pool);
        var slice = weights.Matrix.Slice(10, 30);
        var panels = WeightPanels.Of([slice, weights.Matrix, weights.Matrix.Slice(0, 1), slice]);
        Assert.Equal(1, panels.Count);
        Assert.Equal(64 * 68, panels.Matrices[0].Length);
        Assert.Equal(8192, panels.Bytes);
        using var memory = panels.Build(pool, null, TestContext.Current.CancellationToken);
        Assert.Equal(expected, Product(weights.Matrix, pool));
        Assert.Equal(expected[10..40], Product(slice, pool));
        Assert.Equal(expected[20..30], Product(weights.Matrix.Slice(20, 10), pool));
        Assert.Equal(0, WeightPanels.Of([weights.Matrix, slice]).Count);
    }

    [Fact]
    public void Matrices_begin_on_pages_and_know_their_source()
    {
        using var pool = new WorkerPool(1);
        using var a = new RandomWeights(Format("F32"), 17, 32, seed: 1, lead: 12);
        using var b = new RandomWeights(Format("Q4_K"), 5, 256, seed: 2);
        var panels = WeightPanels.Of([a.Matrix, b.Matrix]);
        Assert.Equal(
            new PanelMatrix(0, 17, 32, Format("F32").Layout.Fingerprint, a.File.Path, 12, 0, 32 * 128), panels.Matrices[0]);
        Assert.Equal(
            new PanelMatrix(12, 5, 256, Format("Q4_K").Layout.Fingerprint, b.File.Path, 0, 4096, 16 * 144),
            panels.Matrices[1]);
        Assert.Equal(8192, panels.Bytes);
        Assert.Throws<InvalidOperationException>(() => panels.Slice(0, 1).Length);
        using var memory = panels.Build(pool, null, TestContext.Current.CancellationToken);
        Assert.Equal(8192, panels.Slice(0, 8192).Length);
        Assert.True(panels.Slice(4096 + (16 * 144), 4096 - (16 * 144)).IndexOfAnyExcept((byte)0) < 0);
        foreach (var (start, length) in new[] { (0L, 8193), (-1L, 1), (8192L, 1), (0L, -1), (long.MaxValue, 1) })
            Assert.Throws<ArgumentOutOfRangeException>(() => panels.Slice(start, length).Length);
        memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => panels.Slice(0, 1).Length);
    }

    [Fact]
    public void Matrices_whose_rows_are_not_whole_units_stay_and_multiply()
    {
        using var pool = new WorkerPool(2);
        using var odd = new RandomWeights(Format("F16"), 20, 48, seed: 1);
        using var even = new RandomWeights(Format("F16"), 20, 64, seed: 2);
        using var none = new RandomWeights(Format("F32"), 20, 0, seed: 2, lead: 32);
        float[][] expected = [Product(odd.Again(), pool), Product(even.Again(), pool)];
        var panels = WeightPanels.Of([odd.Matrix, none.Matrix, even.Matrix, even.Matrix.Slice(0, 0)]);
        Assert.Equal(64, Assert.Single(panels.Matrices).Columns);
        using var memory = panels.Build(pool, null, TestContext.Current.CancellationToken);
        Assert.Equal(expected[0], Product(odd.Matrix, pool));
        Assert.Equal(expected[1], Product(even.Matrix, pool));
    }

    [Fact]
    public void No_matrices_make_no_panels()
    {
        using var pool = new WorkerPool(1);
        var panels = WeightPanels.Of([]);
        Assert.Equal((0, 0L), (panels.Count, panels.Bytes));
        panels.Build(pool, null, TestContext.Current.CancellationToken).Dispose();
    }

    [Fact]
    public void Cancelled_the_matrices_stay_where_they_are()
    {
        using var pool = new WorkerPool(2);
        using var first = new RandomWeights(Format("Q8_0"), 64, 64, seed: 1);
        using var second = new RandomWeights(Format("Q6_K"), 64, 256, seed: 2);
        float[][] expected = [Product(first.Again(), pool), Product(second.Again(), pool)];
        var panels = WeightPanels.Of([first.Matrix, second.Matrix]);
        for (int reports = 0; reports < 2; reports++)
        {
            using var source = new CancellationTokenSource();
            int left = reports;
            if (left == 0)
                source.Cancel();
            var progress = new Reports(_ =>
            {
                if (--left == 0)
                    source.Cancel();
            });
            Assert.Throws<OperationCanceledException>(() => panels.Build(pool, progress, source.Token));
            Assert.False(first.Matrix.Storage.Place.InPanels || second.Matrix.Storage.Place.InPanels);
            Assert.Equal(expected[0], Product(first.Matrix, pool));
            Assert.Equal(expected[1], Product(second.Matrix, pool));
        }

        using var memory = panels.Build(pool, null, TestContext.Current.CancellationToken);
        Assert.Equal(expected[1], Product(second.Matrix, pool));
    }

    [Fact]
    public void What_is_in_panels_is_not_arranged_again()
    {
        using var pool = new WorkerPool(1);
        using var weights = new RandomWeights(Format("Q8_0"), 16, 64, seed: 1);
        var panels = WeightPanels.Of([weights.Matrix]);
        using var memory = panels.Build(pool, null, TestContext.Current.CancellationToken);
        Assert.Throws<InvalidOperationException>(() => panels.Build(pool, null, TestContext.Current.CancellationToken));
        Assert.Throws<InvalidOperationException>(() => panels.Adopt(weights.File, 0));
    }

    [Fact]
    public void Progress_only_grows_and_ends_at_one()
    {
        using var pool = new WorkerPool(2);
        using var small = new RandomWeights(Format("Q8_0"), 33, 64, seed: 1);
        using var large = new RandomWeights(Format("Q8_0"), 2500, 16384, seed: 2); // three pieces
        using var last = new RandomWeights(Format("Q4_0"), 3, 32, seed: 3);
        var told = new List<double>();
        var panels = WeightPanels.Of([small.Matrix, large.Matrix, last.Matrix]);
        using var memory = panels.Build(pool, new Reports(told.Add), TestContext.Current.CancellationToken);
        Assert.Equal(told.Order(), told);
        Assert.InRange(told.Count, 5, 7);
        Assert.InRange(told[0], 1e-6, 0.01);
        Assert.Equal(1, told[^1]);

        // Pieces of panels are no other than whole panels, and the source's pages come back from its file.
        Assert.Equal(Product(large.Again(), pool), Product(large.Matrix, pool));
        Assert.True(File.ReadAllBytes(large.File.Path).AsSpan().SequenceEqual(large.File.Slice(0, (int)large.File.Length)));
    }

    [Fact]
    public void Panels_are_adopted_from_a_file_that_holds_them_whole()
    {
        using var pool = new WorkerPool(1);
        using var weights = new RandomWeights(Format("Q5_K"), 35, 512, seed: 4);
        float[] expected = Product(weights.Again(), pool);
        byte[] bytes;
        using (var other = new RandomWeights(Format("Q5_K"), 35, 512, seed: 4))
        {
            var made = WeightPanels.Of([other.Matrix]);
            using var memory = made.Build(pool, null, TestContext.Current.CancellationToken);
            bytes = made.Slice(0, (int)made.Bytes).ToArray();
        }

        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, [.. new byte[128], .. bytes]);
        using var file = MappedFile.Open(path);
        File.Delete(path); // What is mapped stays.
        var panels = WeightPanels.Of([weights.Matrix]);
        foreach (long offset in new[] { 1, 63, 100, -64, 192, 128 + bytes.Length, long.MaxValue / 64 * 64, long.MinValue })
            Assert.Throws<ArgumentOutOfRangeException>(() => panels.Adopt(file, offset));
        Assert.False(weights.Matrix.Storage.Place.InPanels);
        panels.Adopt(file, 128);
        Assert.Equal(expected, Product(weights.Matrix, pool));
        Assert.Equal(bytes, panels.Slice(0, bytes.Length).ToArray());
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Product(weights.Matrix, pool));
        Assert.Throws<ObjectDisposedException>(() => weights.Matrix.DequantizeRow(0, new float[512]));
        Assert.Throws<ObjectDisposedException>(() => panels.Slice(0, 1).Length);
    }

    [Fact]
    public void Memory_that_is_given_back_is_refused_rather_than_read()
    {
        using var pool = new WorkerPool(2);
        using var weights = new RandomWeights(Format("Q4_0"), 64, 256, seed: 4);
        var memory = RandomWeights.Arrange(pool, [weights.Matrix]);
        memory.Dispose();
        memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Product(weights.Matrix, pool));
        Assert.Throws<ObjectDisposedException>(() => weights.Matrix.DequantizeRow(0, new float[256]));
        float[] x = new float[256], a = new float[64], b = new float[64];
        Assert.Throws<ObjectDisposedException>(() => MatMul.Multiply(weights.Again(), a, weights.Matrix, b, x, 1, pool));
        Product(weights.Again(), pool); // The other matrix was let go of.
    }

    [Fact]
    public void Disposing_while_a_product_runs_is_safe()
    {
        for (int round = 0; round < 20; round++)
        {
            using var pool = new WorkerPool(2);
            using var weights = new RandomWeights(Format("Q4_0"), 512, 1024, seed: round);
            float[] expected = Product(weights.Again(), pool);
            var memory = RandomWeights.Arrange(pool, [weights.Matrix]);
            using var running = new ManualResetEventSlim();
            Exception? failure = null;
            var thread = new Thread(() =>
            {
                try
                {
                    while (true)
                    {
                        Assert.Equal(expected, Product(weights.Matrix, pool));
                        running.Set();
                    }
                }
                catch (Exception e)
                {
                    failure = e;
                    running.Set();
                }
            });
            thread.Start();
            running.Wait(TestContext.Current.CancellationToken);
            Thread.SpinWait(round * 500);
            memory.Dispose();
            thread.Join();
            Assert.IsType<ObjectDisposedException>(failure);
        }
    }

    private sealed class Reports(Action<double> told) : IProgress<double>
    {
        public void Report(double value) => told(value);
    }
}
