using Causerie.Compute.Memory;
using Causerie.Compute.Threading;
using Causerie.Inference.Gguf;

namespace Causerie.Inference.Panels;

/// <summary>A model's matrices as the kernels read them: made at load, or mapped as an earlier start kept them.</summary>
internal sealed class ArrangedWeights : IDisposable
{
    private const long WorthThreads = 4 << 20;

    private readonly MemoryRegion? _memory;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread? _keeping;
    private volatile string? _note;

    private ArrangedWeights(MemoryRegion? memory, Func<CancellationToken, string?>? keep)
    {
        _memory = memory;
        if (keep is null)
            return;

        // Meanwhile the model answers; whoever waits for an answer comes first.
        _keeping = new Thread(() => _note = keep(_stop.Token))
        {
            Name = "Keeping weights",
            IsBackground = true,
            Priority = ThreadPriority.BelowNormal,
        };
        _keeping.Start();
    }

    /// <summary>What the one who runs the model should know, or null.</summary>
    public string? Note => _note;

    /// <summary>Whether they are mapped as an earlier start kept them.</summary>
    public bool ArrangedEarlier => _memory is MappedFile;

    /// <summary>Arranges <paramref name="matrices"/>.</summary>
    /// <param name="file">The model.</param>
    /// <param name="matrices">Those that are multiplied with.</param>
    /// <param name="options">Threads and folder.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <exception cref="OutOfMemoryException">There is no memory for the weights.</exception>
    public static ArrangedWeights Of(
        GgufFile file, IReadOnlyList<WeightMatrix> matrices, LoadOptions options, IProgress<LoadProgress>? progress)
    {
        var panels = WeightPanels.Of(matrices);
        if (panels.Count == 0)
            return new ArrangedWeights(null, null);
        using var pool = panels.Bytes < WorthThreads ? new WorkerPool(1)
            : options.Threads is { } threads ? new WorkerPool(threads) : new WorkerPool();
        var store = options.CacheFolder is { } folder ? new PanelStore(folder) : null;
        if (store?.TryAdopt(file, panels, pool, new Part(progress, LoadStage.ReadArranged)) is { } kept)
            return new ArrangedWeights(kept, null);
        var memory = panels.Build(pool, new Part(progress, LoadStage.ArrangeWeights));
        return new ArrangedWeights(memory, store is null ? null : stop => store.Keep(file, panels, stop));
    }

    /// <summary>Waits until the weights are kept, should that be under way.</summary>
    /// <param name="cancellationToken">Gives the keeping up.</param>
    /// <returns>Why they are not kept, or null.</returns>
    public string? WaitUntilKept(CancellationToken cancellationToken)
    {
        if (_keeping is { IsAlive: true })
        {
            using var giveUp = cancellationToken.Register(_stop.Cancel);
            _keeping.Join();
        }

        return _note;
    }

    /// <summary>Waits until the weights are kept, should that be under way, and lets go of them.</summary>
    public void Dispose()
    {
        _keeping?.Join();
        _memory?.Dispose();
        _stop.Dispose();
    }

    /// <summary>The middle of loading, as far as people see it.</summary>
    private sealed class Part(IProgress<LoadProgress>? whole, LoadStage stage) : IProgress<double>
    {
        public void Report(double value) => whole?.Report(new LoadProgress(stage, 0.1 + (0.8 * value)));
    }
}
