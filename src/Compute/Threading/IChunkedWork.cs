namespace Causerie.Compute.Threading;

/// <summary>Work in independent chunks that a <see cref="WorkerPool"/> runs without allocating.</summary>
internal interface IChunkedWork
{
    /// <summary>Runs one chunk; called on several threads at once, never twice for a chunk.</summary>
    /// <param name="chunk">0 to the run's count.</param>
    /// <param name="worker">The thread, 0 to the pool's count, for its scratch buffer.</param>
    void Run(int chunk, int worker);
}
