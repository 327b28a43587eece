namespace Causerie.Inference.Scheduling;

/// <summary>How fast requests come to their end, so that one who finds the queue full can be told when to come back.</summary>
/// <remarks>Used by the engine's thread and by callers. Times without work do not count.</remarks>
internal sealed class Pace(TimeProvider clock)
{
    private const int Kept = 16;

    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly long[] _times = new long[Kept]; // [Kept] a ring: the beginning of the work, then ends of requests
    private int _count;

    /// <summary>When a place should be free: the mean time between the last ends, or that since work began.</summary>
    public TimeSpan Next
    {
        get
        {
            lock (_lock)
            {
                if (_count == 0)
                    return Least;
                long first = _times[_count <= Kept ? 0 : _count % Kept];
                var mean = clock.GetElapsedTime(first) / Math.Max(1, Math.Min(_count, Kept) - 1);
                return mean < Least ? Least : mean > Most ? Most : mean;
            }
        }
    }

    /// <summary>Work begins after there was none.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _count = 0;
            Note();
        }
    }

    /// <summary>Some requests ended.</summary>
    public void End(int requests)
    {
        if (requests == 0)
            return;
        lock (_lock)
        {
            for (int i = 0; i < requests; i++)
                Note();
        }
    }

    private void Note() => _times[_count++ % Kept] = clock.GetTimestamp();
}
