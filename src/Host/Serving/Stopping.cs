namespace Causerie.Host.Serving;

/// <summary>Tells running answers that their grace is over once the server was told to stop.</summary>
internal sealed class Stopping : IDisposable
{
    private readonly CancellationTokenSource _now;
    private readonly CancellationTokenRegistration _told;

    public Stopping(ServerOptions options, TimeProvider clock, IHostApplicationLifetime lifetime)
    {
        _now = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _told = lifetime.ApplicationStopping.Register(() => _now.CancelAfter(options.Grace));
    }

    /// <summary>Cancelled when answers have to end.</summary>
    public CancellationToken Now => _now.Token;

    public void Dispose()
    {
        _told.Dispose();
        _now.Dispose();
    }
}
