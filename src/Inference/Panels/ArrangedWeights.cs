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

    private readonly MemoryRegion? _memory;
    private readonly CancellationTokenSource _stop = new();
    private PanelStore? _store; // that should keep them
    private WeightPanels? _mapped; // that are to move to huge pages
    private Thread? _work;
    private volatile MemoryRegion? _moved;
    private volatile string? _note;

    private ArrangedWeights(MemoryRegion? memory) => _memory = memory;

    /// <summary>What the one who runs the model should know, or null.</summary>
    public string? Note => _note;

    /// <summary>Whether they are mapped as an earlier start kept them.</summary>
    public bool ArrangedEarlier => _memory is MappedFile;

    /// <summary>Arranges <paramref name="matrices"/>.</summary>
    /// <param name="file">The model.</param>
    /// <param name="matrices">Those that are multiplied with.</param>
    /// <param name="options">Threads and limits.</param>
    /// <param name="kept">Where they are kept; null keeps none.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <exception cref="OutOfMemoryException">There is no memory for the weights.</exception>
    public static ArrangedWeights Of(
        GgufFile file, IReadOnlyList<WeightMatrix> matrices, LoadOptions options, KeptFile? kept,
        IProgress<LoadProgress>? progress)
    {
        var panels = WeightPanels.Of(matrices);
        if (panels.Count == 0)
            return new ArrangedWeights(null);
        bool fits = panels.Bytes <= options.Limits.MemoryBytes;
        using var pool = panels.Bytes < WorthThreads ? new WorkerPool(1)
            : options.Threads is { } threads ? new WorkerPool(threads) : new WorkerPool();
        var store = kept is null ? null : new PanelStore(kept, file.Path, panels, options.Limits);
        var reading = new Part(progress, LoadStage.ReadArranged, 0.1);
        if (store?.TryAdopt(pool, reading) is { } mapped)
            return new ArrangedWeights(mapped) { _mapped = fits ? panels : null };
        file.ExpectScattered(false);
        if (!fits)
            return new ArrangedWeights(null) { _note = TooLarge(panels.Bytes, options.Limits.MemoryBytes) };
        var memory = panels.Build(pool, new Part(progress, LoadStage.ArrangeWeights, reading.Reached));
        return new ArrangedWeights(memory) { _store = store };
    }

    private static string TooLarge(long bytes, long memory) =>
        $"The weights ({bytes / 1e9:F1} GB) exceed the memory that the process may use ({memory / 1e9:F1} GB): they are read "
        + "from the model's file as they are met, which is slow.";

    /// <summary>
    /// Begins what may happen while the model answers: new weights are kept for the next start, mapped ones move to huge
    /// pages.
    /// </summary>
    public void StartBackground()
    {
        if (_work is not null)
            return;
        if (_mapped is not null)
        {
            Start(Move);
            return;
        }

        if (_store is null)
            return;
        if (_store.IsToKeep(out string? note))
            Start(() => _note = _store.Keep(_stop.Token));
        else
            _note = note;
    }

    /// <summary>Ends the keeping at its next piece.</summary>
    public void StopKeeping() => _stop.Cancel();

    /// <summary>Waits until nothing goes on in the background.</summary>
    public void Settle() => _work?.Join();

    /// <summary>Waits until the weights are kept, should that be under way.</summary>
    /// <param name="cancellationToken">Gives the keeping up.</param>
    /// <returns>Why they are not kept, or null.</returns>
    public string? WaitUntilKept(CancellationToken cancellationToken)
    {
        if (_store is not null && _work is { IsAlive: true })
        {
            using var giveUp = cancellationToken.Register(_stop.Cancel);
            _work.Join();
        }

        return _note;
    }

    /// <summary>Waits until the weights are kept, should that be under way, and lets go of them.</summary>
    public void Dispose()
    {
        if (_mapped is not null)
            _stop.Cancel();
        _work?.Join();
        _moved?.Dispose();
        _memory?.Dispose();
        _stop.Dispose();
    }

    private void Start(ThreadStart work)
    {
        // Whoever waits for an answer comes first.
        _work = new Thread(work) { Name = "Weights", IsBackground = true, Priority = ThreadPriority.BelowNormal };
        _work.Start();
    }

    private void Move()
    {
        try
        {
            if (!_stop.Token.WaitHandle.WaitOne(BeforeMoving))
                _moved = _mapped!.MoveToHugePages(_stop.Token);
        }
        catch (OutOfMemoryException)
        {
            // The weights stay in the file's pages, where they are right and not much slower.
        }
    }

    /// <summary>The middle of loading, as far as people see it: from where it stands up to nine tenths.</summary>
    private sealed class Part(IProgress<LoadProgress>? whole, LoadStage stage, double from) : IProgress<double>
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
