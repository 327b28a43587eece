namespace Causerie.Host.Commands;

/// <summary>Ctrl-C: cancels the innermost piece of work, so that stopping an answer does not end the chat.</summary>
public sealed class Interrupts
{
    private readonly Lock _lock = new();
    private readonly Stack<CancellationTokenSource> _work = new();

    /// <summary>Declares a piece of work that the next interrupt cancels; dispose it when the work is done.</summary>
    /// <param name="outer">Cancels the work too.</param>
    public Work Begin(CancellationToken outer = default)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(outer);
        lock (_lock)
            _work.Push(source);
        return new Work(this, source);
    }

    /// <summary>Cancels the innermost work that is not cancelled yet.</summary>
    /// <returns>False where that work was already told to stop: the person means it, so the process may die.</returns>
    public bool Raise()
    {
        CancellationTokenSource? source;
        lock (_lock)
        {
            if (!_work.TryPeek(out source) || source.IsCancellationRequested)
                return false;
        }

        source.Cancel();
        return true;
    }

    private void End(CancellationTokenSource source)
    {
        lock (_lock)
        {
            if (_work.TryPeek(out var top) && ReferenceEquals(top, source))
                _work.Pop();
        }

        source.Dispose();
    }

    /// <summary>One interruptible piece of work.</summary>
    public sealed class Work : IDisposable
    {
        private readonly Interrupts _owner;
        private readonly CancellationTokenSource _source;

        internal Work(Interrupts owner, CancellationTokenSource source)
        {
            _owner = owner;
            _source = source;
            Token = source.Token;
        }

        /// <summary>Cancelled by the interrupt or by the work around this one.</summary>
        public CancellationToken Token { get; }

        /// <inheritdoc/>
        public void Dispose() => _owner.End(_source);
    }
}
