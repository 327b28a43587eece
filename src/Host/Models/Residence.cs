using Causerie.Chat;

namespace Causerie.Host.Models;

/// <summary>A model in memory with the count of those who use it; it goes when it is retired and nobody does.</summary>
internal sealed class Residence
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MemoryBudget.Lease _memory;
    private readonly TimeProvider _clock;
    private readonly TimeSpan? _unloadAfter;
    private readonly ITimer? _timer;
    private int _users;
    private bool _retired;
    private long _lastUse;

    /// <summary>A model that was just loaded.</summary>
    /// <param name="model">The model.</param>
    /// <param name="memory">Given back with it.</param>
    /// <param name="clock">Measures how long nobody asks.</param>
    /// <param name="unloadAfter">How long that may be; null is for ever.</param>
    /// <param name="unload">Called then.</param>
    public Residence(
        IChatModel model, MemoryBudget.Lease memory, TimeProvider clock, TimeSpan? unloadAfter, Func<Task> unload)
    {
        Model = model;
        _memory = memory;
        _clock = clock;
        _unloadAfter = unloadAfter;
        _lastUse = clock.GetTimestamp();
        _timer = unloadAfter is { } time
            ? clock.CreateTimer(_ => OnTimer(unload), null, time, Timeout.InfiniteTimeSpan)
            : null;
    }

    public IChatModel Model { get; }

    /// <summary>When the last user left; null while there are some.</summary>
    public long? IdleSince
    {
        get
        {
            lock (_lock)
                return _users > 0 || _retired ? null : _lastUse;
        }
    }

    /// <summary>Completes when the memory is free.</summary>
    public Task Gone => _gone.Task;

    /// <summary>One more uses it; false where it is on its way out.</summary>
    public bool TryAcquire()
    {
        lock (_lock)
        {
            if (_retired)
                return false;
            _users++;
            return true;
        }
    }

    public void Release()
    {
        lock (_lock)
        {
            _lastUse = _clock.GetTimestamp();
            if (--_users > 0)
                return;
            if (!_retired)
            {
                _timer?.Change(_unloadAfter!.Value, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        _ = DisposeAsync();
    }

    /// <summary>Nobody new may use it; it goes after its last user.</summary>
    public void Retire()
    {
        lock (_lock)
        {
            if (_retired)
                return;
            _retired = true;
            if (_users > 0)
                return;
        }

        _ = DisposeAsync();
    }

    /// <summary>Retires it where nobody uses it.</summary>
    public bool TryRetireIdle()
    {
        lock (_lock)
        {
            if (_users > 0 || _retired)
                return false;
            _retired = true;
        }

        _ = DisposeAsync();
        return true;
    }

    private void OnTimer(Func<Task> unload)
    {
        lock (_lock)
        {
            // A tick that was on its way when somebody came and left again is too early.
            if (_users > 0 || _retired || _clock.GetElapsedTime(_lastUse) < _unloadAfter)
                return;
        }

        _ = unload();
    }

    private async Task DisposeAsync()
    {
        if (_timer is not null)
            await _timer.DisposeAsync();
        try
        {
            // Off the caller's thread, who may hold a lock: weights may still be on their way to the disk.
            await Task.Yield();
            if (Model is IAsyncDisposable later)
                await later.DisposeAsync();
            else
                (Model as IDisposable)?.Dispose();
        }
        finally
        {
            _memory.Dispose();
            _gone.SetResult();
        }
    }
}
