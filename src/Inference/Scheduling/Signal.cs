using System.Threading.Tasks.Sources;

namespace Causerie.Inference.Scheduling;

/// <summary>Tells one waiting reader that there is something new; neither side allocates.</summary>
/// <remarks>Any thread may set it; one at a time may wait. What was written before it was set is seen after the wait.</remarks>
internal sealed class Signal : IValueTaskSource
{
    private const int Nothing = 0;
    private const int Awaited = 1;
    private const int News = 2;

    // The reader goes on elsewhere: the engine's thread has tokens to compute.
    private ManualResetValueTaskSourceCore<bool> _waiter = new() { RunContinuationsAsynchronously = true };
    private int _state;

    /// <summary>Wakes the reader, or lets its next wait end at once.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _state, News) == Awaited)
            _waiter.SetResult(true);
    }

    /// <summary>Ends as soon as <see cref="Set"/> was called since the last wait ended.</summary>
    public ValueTask WaitAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Nothing, News) == News)
            return ValueTask.CompletedTask;
        _waiter.Reset();
        if (Interlocked.CompareExchange(ref _state, Awaited, Nothing) == Nothing)
            return new ValueTask(this, _waiter.Version);
        Interlocked.Exchange(ref _state, Nothing);
        return ValueTask.CompletedTask;
    }

    void IValueTaskSource.GetResult(short token)
    {
        _waiter.GetResult(token);
        Interlocked.Exchange(ref _state, Nothing);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _waiter.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiter.OnCompleted(continuation, state, token, flags);
}
