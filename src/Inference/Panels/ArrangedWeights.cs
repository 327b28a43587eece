using Causerie.Compute.Memory;
using Causerie.Compute.Threading;
using Causerie.Inference.Gguf;

namespace Causerie.Inference.Panels;

/// <summary>A model's matrices as the kernels read them: made at load, or mapped as an earlier start kept them.</summary>
internal sealed class ArrangedWeights : IDisposable
{
    private const long WorthThreads = 4 << 20;

    /// <summary>How long a start is left alone, so that the first token comes soon.</summary>
    private static readonly TimeSpan BeforeMoving = TimeSpan.FromSeconds(2);

    /// <summary>The part of the memory that weights may take, next to the cache and everything else.</summary>
    private const double MostOfMemory = 0.85;

    private readonly MemoryRegion? _memory;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread? _work;
    private volatile MemoryRegion? _moved;
    private volatile string? _note;

    private ArrangedWeights(MemoryRegion? memory, Action<ArrangedWeights>? work)
    {
        _memory = memory;
        if (work is null)
            return;

        // Meanwhile the model answers; whoever waits for an answer comes first.
        _work = new Thread(() => work(this))
        {
            Name = "Weights",
            IsBackground = true,
            Priority = ThreadPriority.BelowNormal,
        };
        _work.Start();
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
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        bool fits = panels.Bytes <= memory * MostOfMemory;
        using var pool = panels.Bytes < WorthThreads ? new WorkerPool(1)
            : options.Threads is { } threads ? new WorkerPool(threads) : new WorkerPool();
        var store = options.CacheFolder is { } folder ? new PanelStore(folder) : null;
        if (store?.TryAdopt(file, panels, pool, new Part(progress, "Reading the arranged weights")) is { } kept)
            return new ArrangedWeights(kept, fits ? self => self.Move(panels) : null);
        if (!fits)
            return new ArrangedWeights(null, null)
            {
                _note = $"The weights ({panels.Bytes / 1e9:F1} GB) do not fit the memory ({memory / 1e9:F1} GB): they are "
                    + "read from the file as they lie there, which is slow. A smaller quantisation would be fast.",
            };
        var built = panels.Build(pool, new Part(progress, "Arranging the weights"));
        return new ArrangedWeights(
            built, store is null ? null : self => self._note = store.Keep(file, panels, self._stop.Token));
    }

    /// <summary>Waits until the weights are kept, should that be under way, and lets go of them.</summary>
    public void Dispose()
    {
        if (_memory is MappedFile)
            _stop.Cancel();
        _work?.Join();
        _moved?.Dispose();
        _memory?.Dispose();
        _stop.Dispose();
    }

    /// <summary>Waits until the weights have found their last place.</summary>
    public void Settle() => _work?.Join();

    private void Move(WeightPanels panels)
    {
        try
        {
            // The first answer needs the processors first.
            if (_stop.Token.WaitHandle.WaitOne(BeforeMoving))
                return;
            _moved = panels.MoveToHugePages(_stop.Token);
        }
        catch (OutOfMemoryException)
        {
            // The weights stay in the file's pages, where they are right and not much slower.
        }
    }

    /// <summary>The middle of loading, as far as people see it.</summary>
    private sealed class Part(IProgress<LoadProgress>? whole, string stage) : IProgress<double>
    {
        public void Report(double value) => whole?.Report(new LoadProgress(stage, 0.1 + (0.8 * value)));
    }
}
