using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Threading;

/// <summary>The pool runs every chunk once, hands on exceptions, and ends.</summary>
public sealed class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_chunk_runs_once(int threads)
    {
        using var pool = new WorkerPool(threads);
        for (int run = 0; run < 300; run++)
        {
            int count = run % 37;
            int[] runs = new int[count];
            pool.Run(count, i => Interlocked.Increment(ref runs[i]));
            Assert.All(runs, r => Assert.Equal(1, r));
        }
    }

    [Fact]
    public void Workers_take_part()
    {
        using var pool = new WorkerPool(3);
        using var together = new Barrier(3);
        pool.Run(3, _ => Assert.True(together.SignalAndWait(TimeSpan.FromSeconds(30))));
    }

    [Fact]
    public void Parked_workers_wake()
    {
        using var pool = new WorkerPool(2);
        for (int i = 0; i < 3; i++)
        {
            Thread.Sleep(20);
            using var together = new Barrier(2);
            pool.Run(2, _ => Assert.True(together.SignalAndWait(TimeSpan.FromSeconds(30))));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_exception_reaches_the_caller_and_the_pool_lives_on(int threads)
    {
        using var pool = new WorkerPool(threads);
        for (int run = 0; run < 50; run++)
        {
            var thrown = Assert.Throws<InvalidDataException>(() => pool.Run(20, i =>
            {
                if (i == 7)
                    throw new InvalidDataException("seven");
            }));
            Assert.Equal("seven", thrown.Message);
            int ran = 0;
            pool.Run(20, _ => Interlocked.Increment(ref ran));
            Assert.Equal(20, ran);
        }
    }

    [Fact]
    public void A_run_within_a_run_is_refused()
    {
        using var pool = new WorkerPool(1);
        Assert.Throws<InvalidOperationException>(() => pool.Run(2, _ => pool.Run(2, _ => { })));
        Assert.Throws<InvalidOperationException>(() => pool.Run(2, _ => pool.Dispose()));
    }

    [Fact]
    public void A_run_from_another_chunk_thread_is_refused_rather_than_deadlocked()
    {
        using var pool = new WorkerPool(2);
        using var together = new Barrier(2);
        Assert.Throws<InvalidOperationException>(() => pool.Run(2, _ =>
        {
            together.SignalAndWait(TimeSpan.FromSeconds(30));
            pool.Run(2, _ => { });
        }));
    }

    [Fact]
    public void Callers_take_turns()
    {
        using var pool = new WorkerPool(2);
        int ran = 0;
        var callers = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 100; i++)
                pool.Run(5, _ => Interlocked.Increment(ref ran));
        })).ToList();
        callers.ForEach(c => c.Start());
        callers.ForEach(c => c.Join());
        Assert.Equal(4 * 100 * 5, ran);
    }

    [Fact]
    public void Disposal_ends_the_threads_and_refuses_runs()
    {
        var pool = new WorkerPool(4);
        pool.Run(8, _ => { });
        pool.Dispose();
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(1, _ => { }));
    }

    [Fact]
    public void Counts_cores_rather_than_hardware_threads()
    {
        string root = Directory.CreateTempSubdirectory().FullName;
        for (int i = 0; i < 4; i++)
        {
            string folder = Directory.CreateDirectory(Path.Combine(root, $"cpu{i}", "topology")).FullName;
            File.WriteAllText(Path.Combine(folder, "thread_siblings_list"), $"{i % 2},{(i % 2) + 2}\n");
        }

        string status = Path.Combine(root, "status");
        File.WriteAllText(status, "Name:\tx\nCpus_allowed_list:\t0-1,3\n");
        Assert.Equal([0, 1, 3], PhysicalCores.Allowed(status));
        Assert.Equal(2, PhysicalCores.CountSiblings([0, 1, 2, 3], root));
        Assert.Equal(1, PhysicalCores.CountSiblings([1, 3], root));
        Assert.Equal(2, PhysicalCores.CountSiblings([0, 9], root));
        Assert.Equal(int.MaxValue, PhysicalCores.CountSiblings([], root));
        Assert.Empty(PhysicalCores.Allowed(Path.Combine(root, "absent")));
        Assert.InRange(WorkerPool.DefaultThreads, 1, Environment.ProcessorCount);
        Directory.Delete(root, recursive: true);
    }
}
