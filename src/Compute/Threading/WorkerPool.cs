using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Causerie.Compute.Memory;

namespace Causerie.Compute.Threading;

/// <summary>The threads that run kernels: the caller and its workers each take chunks until none are left.</summary>
/// <remarks>
/// Workers spin for a moment after a run and then park, so that the hundreds of runs of one token meet awake threads
/// and an idle engine costs nothing. One run at a time: other callers wait, a chunk that starts a run is refused.
/// </remarks>
public sealed unsafe class WorkerPool : IDisposable
{
    /// <summary>How long a worker looks for the next run before it parks, in microseconds.</summary>
    private const int SpinMicroseconds = 50;

    private const int Closed = 1 << 30;

    private readonly Thread[] _workers;
    private readonly NativeBuffer[] _scratch; // one a thread, the caller's first
    private readonly Lock _gate = new();
    private readonly object _bench = new();
    private readonly NativeBuffer _shared = new();
    private delegate*<void*, int, int, void> _chunk;
    private void* _work;
    private int _count;
    private int _next;
    private int _inside = Closed; // workers in the run, and whether more may join
    private int _epoch;
    private int _parked;
    private bool _running;
    private bool _disposed;
    private Exception? _failure;

    /// <summary>
    /// A pool of <paramref name="threads"/> threads, the caller's own included; fewer than one counts as one.
    /// </summary>
    public WorkerPool(int threads)
    {
        Threads = Math.Max(1, threads);
        _scratch = new NativeBuffer[Threads];
        for (int i = 0; i < Threads; i++)
            _scratch[i] = new NativeBuffer();
        _workers = new Thread[Threads - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            int worker = i + 1;
            _workers[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"Compute {worker}" };
            _workers[i].Start();
        }
    }

    /// <summary>A pool with a thread for every physical core that this process may use.</summary>
    public WorkerPool()
        : this(DefaultThreads)
    {
    }

    /// <summary>Physical cores that this process may use, by affinity and by the control group's quota.</summary>
    public static int DefaultThreads => PhysicalCores.Count();

    /// <summary>Threads that work, the caller included.</summary>
    public int Threads { get; }

    /// <summary>Held during a run; a kernel of several runs holds it over all of them and the shared buffer.</summary>
    internal Lock Gate => _gate;

    /// <summary>Runs <paramref name="chunk"/> for 0 to <paramref name="count"/>; returns when all have run.</summary>
    /// <exception cref="Exception">The first exception of a chunk; chunks not begun by then are left out.</exception>
    public void Run(int count, Action<int> chunk)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        var work = new Calls(chunk);
        Run(count, ref work);
    }

    /// <summary>Runs <paramref name="work"/> for 0 to <paramref name="count"/> without allocating.</summary>
    internal void Run<TWork>(int count, ref TWork work)
        where TWork : struct, IChunkedWork, allows ref struct
    {
        RefuseWorkers();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_running)
                throw new InvalidOperationException("A chunk cannot start a run on the pool that runs it.");
            _running = true;
            try
            {
                if (count <= 1 || _workers.Length == 0)
                {
                    for (int i = 0; i < count; i++)
                        work.Run(i, 0);
                }
                else
                {
#pragma warning disable CS8500 // The work lies on this stack frame, which outlives the run.
                    fixed (TWork* address = &work)
                        Share(count, &Invoke<TWork>, address);
#pragma warning restore CS8500
                }
            }
            finally
            {
                _running = false;
            }
        }
    }

    /// <summary>
    /// At least <paramref name="bytes"/> bytes for what one run hands to the next; hold <see cref="Gate"/>.
    /// </summary>
    internal byte* Shared(long bytes) => _shared.Take(bytes);

    /// <summary>At least <paramref name="bytes"/> bytes of the calling worker's own, until its chunk ends.</summary>
    internal byte* Scratch(int worker, long bytes) => _scratch[worker].Take(bytes);

    /// <summary>A worker that waited for the gate would wait for itself.</summary>
    internal void RefuseWorkers()
    {
        if (Array.IndexOf(_workers, Thread.CurrentThread) >= 0)
            throw new InvalidOperationException("A chunk cannot start a run on the pool that runs it.");
    }

    private static void Invoke<TWork>(void* work, int chunk, int worker)
        where TWork : struct, IChunkedWork, allows ref struct
    {
#pragma warning disable CS8500
        ((TWork*)work)->Run(chunk, worker);
#pragma warning restore CS8500
    }

    private void Share(int count, delegate*<void*, int, int, void> chunk, void* work)
    {
        _chunk = chunk;
        _work = work;
        _count = count;
        _next = 0;
        _failure = null;
        Volatile.Write(ref _inside, 0);
        Interlocked.Increment(ref _epoch);
        if (Volatile.Read(ref _parked) > 0)
        {
            lock (_bench)
                Monitor.PulseAll(_bench);
        }

        TakeChunks(0);
        Interlocked.Or(ref _inside, Closed);
        var wait = default(SpinWait);
        while (Volatile.Read(ref _inside) != Closed)
            wait.SpinOnce(sleep1Threshold: -1);
        if (_failure is { } failure)
            ExceptionDispatchInfo.Throw(failure);
    }

    private void TakeChunks(int worker)
    {
        try
        {
            for (int i = Interlocked.Increment(ref _next) - 1; i < _count; i = Interlocked.Increment(ref _next) - 1)
                _chunk(_work, i, worker);
        }
#pragma warning disable CA1031 // Whatever a chunk throws belongs to the caller of Run.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, failure, null);
            Interlocked.Exchange(ref _next, _count);
        }
    }

    private void Work(int worker)
    {
        int seen = 0;
        while (true)
        {
            seen = AwaitEpoch(seen);
            if (Volatile.Read(ref _disposed))
                return;
            if (!Join())
                continue;
            TakeChunks(worker);
            Interlocked.Decrement(ref _inside);
        }
    }

    private bool Join()
    {
        int inside = Volatile.Read(ref _inside);
        while ((inside & Closed) == 0)
        {
            int found = Interlocked.CompareExchange(ref _inside, inside + 1, inside);
            if (found == inside)
                return true;
            inside = found;
        }

        return false;
    }

    private int AwaitEpoch(int seen)
    {
        long end = Stopwatch.GetTimestamp() + (SpinMicroseconds * Stopwatch.Frequency / 1_000_000);
        int now = Volatile.Read(ref _epoch);
        while (now == seen && Stopwatch.GetTimestamp() < end)
        {
            Thread.SpinWait(4);
            now = Volatile.Read(ref _epoch);
        }

        if (now != seen)
            return now;
        lock (_bench)
        {
            // Announced before the last look: either this sees the new run, or the run sees a parked worker.
            Interlocked.Increment(ref _parked);
            while ((now = Volatile.Read(ref _epoch)) == seen)
                Monitor.Wait(_bench);
            Interlocked.Decrement(ref _parked);
        }

        return now;
    }

    /// <summary>Ends the workers and waits for them.</summary>
    public void Dispose()
    {
        RefuseWorkers();
        lock (_gate)
        {
            if (_running)
                throw new InvalidOperationException("A chunk cannot dispose of the pool that runs it.");
            if (_disposed)
                return;
            Volatile.Write(ref _disposed, true);
            lock (_bench)
            {
                Interlocked.Increment(ref _epoch);
                Monitor.PulseAll(_bench);
            }

            foreach (var worker in _workers)
                worker.Join();
            foreach (var buffer in _scratch)
                buffer.Dispose();
            _shared.Dispose();
        }
    }

    private readonly struct Calls(Action<int> chunk) : IChunkedWork
    {
        public void Run(int chunkIndex, int worker) => chunk(chunkIndex);
    }
}
