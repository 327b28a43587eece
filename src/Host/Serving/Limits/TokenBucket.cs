namespace Causerie.Host.Serving.Limits;

/// <summary>So much a minute: full at first, it fills evenly, and what was taken beyond it must flow back first.</summary>
/// <param name="perMinute">What it holds, and what flows in each minute.</param>
/// <param name="now">A timestamp of <paramref name="clock"/>.</param>
/// <param name="clock">Measures time.</param>
internal sealed class TokenBucket(long perMinute, long now, TimeProvider clock)
{
    private const double Least = 1e-6; // rounding of times must not cost a request

    private double _held = perMinute;
    private long _at = now;

    /// <summary>What it holds when full.</summary>
    public long Limit => perMinute;

    /// <summary>What it holds now, in whole ones.</summary>
    public long Remaining => (long)Math.Max(0, Math.Floor(_held + Least));

    /// <summary>How long until it is full again.</summary>
    public TimeSpan UntilFull => After(perMinute);

    /// <summary>How long until it holds <paramref name="amount"/>; zero where it does.</summary>
    public TimeSpan After(double amount) => TimeSpan.FromMinutes(Math.Max(0, (amount - _held) / perMinute));

    /// <summary>Lets flow in what the time since the last call is worth.</summary>
    public void Refill(long now)
    {
        // Callers on two threads may come in another order than their timestamps.
        if (now <= _at)
            return;
        _held = Math.Min(perMinute, _held + (clock.GetElapsedTime(_at, now).TotalMinutes * perMinute));
        _at = now;
    }

    /// <summary>Takes an amount, also one that it does not hold.</summary>
    public void Take(double amount) => _held -= amount;
}
