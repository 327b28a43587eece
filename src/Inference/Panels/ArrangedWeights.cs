using Causerie.Compute.Memory;
using Causerie.Compute.Threading;
using Causerie.Inference.Gguf;

namespace Causerie.Inference.Panels;

/// <summary>A model's matrices as the kernels read them: made at load, or mapped as an earlier start kept them.</summary>
internal sealed class ArrangedWeights : IDisposable
{
    private const long WorthThreads = 4 << 20;

    private readonly MemoryRegion? _memory;
    private readonly PanelStore? _store; // that should keep them
    private readonly CancellationTokenSource _stop = new();
    private Thread? _keeping;
    private volatile string? _note;

    private ArrangedWeights(MemoryRegion? memory, PanelStore? store)
    {
        _memory = memory;
        _store = store;
    }

    /// <summary>What the one who runs the model should know, or null.</summary>
    public string? Note => _note;

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
        var store = options.CacheFolder is { } folder ? new PanelStore(folder, file, panels, options.Limits) : null;
        var reading = new Part(progress, "Reading the arranged weights", 0.1);
        if (store?.TryAdopt(pool, reading) is { } kept)
            return new ArrangedWeights(kept, null);
        if (panels.Bytes > options.Limits.MemoryBytes)
            return new ArrangedWeights(null, null) { _note = TooLarge(panels.Bytes, options.Limits.MemoryBytes) };
        var memory = panels.Build(pool, new Part(progress, "Arranging the weights", reading.Reached));
        return new ArrangedWeights(memory, store);
    }

    private static string TooLarge(long bytes, long memory) =>
        $"The weights ({bytes / 1e9:F1} GB) exceed the memory that the process may use ({memory / 1e9:F1} GB): they are read "
        + "from the model's file as they are met, which is slow.";

    /// <summary>Begins to keep the weights for the next start, unless they are kept or cannot be.</summary>
    public void StartKeeping()
    {
        if (_store is null || _keeping is not null)
            return;
        if (!_store.IsToKeep(out string? note))
        {
            _note = note;
            return;
        }

        // Meanwhile the model answers; whoever waits for an answer comes first.
        _keeping = new Thread(() => _note = _store.Keep(_stop.Token))
        {
            Name = "Keeping weights",
            IsBackground = true,
            Priority = ThreadPriority.BelowNormal,
        };
        _keeping.Start();
    }

    /// <summary>Ends the keeping at its next piece.</summary>
    public void StopKeeping() => _stop.Cancel();

    /// <summary>Waits until the weights are kept, should that be under way, and lets go of them.</summary>
    public void Dispose()
    {
        _keeping?.Join();
        _memory?.Dispose();
        _stop.Dispose();
    }

    /// <summary>The middle of loading, as far as people see it: from where it stands up to nine tenths.</summary>
    private sealed class Part(IProgress<LoadProgress>? whole, string stage, double from) : IProgress<double>
    {
        private double _done;

        public double Reached => from + ((0.9 - from) * _done);

        public void Report(double value)
        {
            _done = value;
            whole?.Report(new LoadProgress(stage, Reached));
        }
    }
}
