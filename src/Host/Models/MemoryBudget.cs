using Causerie.Chat;

namespace Causerie.Host.Models;

/// <summary>The memory that all models share: makes room for one more by unloading those that nobody asks.</summary>
internal sealed class MemoryBudget(LibraryOptions options)
{
    // How long answers take is not known; a client that comes back in vain costs little.
    private static readonly TimeSpan ComeBack = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly List<Lease> _leases = [];
    private Task _turn = Task.CompletedTask;

    private long Limit => options.MemoryBytes ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Memory for a model, once there is: those that were asked longest ago go first.</summary>
    /// <exception cref="ChatException">There is none while others answer, or the model is too large by itself.</exception>
    public async Task<Lease> TakeAsync(ShelvedModel model, CancellationToken cancellationToken)
    {
        Task before;
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
            (before, _turn) = (_turn, turn.Task);
        try
        {
            await before.WaitAsync(cancellationToken);
            long need = options.Needs(model.Now.File);
            if (options.MemoryBytes is { } limit && need > limit)
            {
                throw new ChatException(
                    ChatErrorKind.Unavailable,
                    $"The model '{model.Now.Id}' needs {ByteSize.Text(need)}, more than the {ByteSize.Text(limit)} of "
                    + "--memory. Give it more, a shorter --context, or a smaller --kv-memory.", "model");
            }

            while (true)
            {
                Lease[] held;
                lock (_lock)
                    held = [.. _leases];
                long used = held.Sum(lease => lease.Bytes);
                if (held.Length == 0 || used + need <= Limit)
                    return Add(model, need);
                var idle = held.Where(lease => lease.Owner.IdleSince is not null)
                    .OrderBy(lease => lease.Owner.IdleSince).ToArray();
                bool enough = idle.Length == held.Length || used - idle.Sum(lease => lease.Bytes) + need <= Limit;
                if (!enough)
                    throw InTheWay(model, need, held.Except(idle));
                await idle[0].Owner.UnloadIdleAsync().WaitAsync(cancellationToken);
            }
        }
        finally
        {
            turn.SetResult();
        }
    }

    private Lease Add(ShelvedModel model, long need)
    {
        var lease = new Lease(this, model) { Bytes = need };
        lock (_lock)
            _leases.Add(lease);
        return lease;
    }

    private ChatException InTheWay(ShelvedModel model, long need, IEnumerable<Lease> busy)
    {
        string others = string.Join(
            ", ", busy.Select(lease => $"'{lease.Owner.Now.Id}' ({ByteSize.Text(lease.Bytes)})"));
        return new ChatException(
            ChatErrorKind.Overloaded,
            $"The model '{model.Now.Id}' needs {ByteSize.Text(need)}. It does not fit the {ByteSize.Text(Limit)} for models "
            + $"together with {others}, in use now. Try again when they are done.", "model")
        {
            RetryAfter = ComeBack,
        };
    }

    /// <summary>What one model holds, until disposal.</summary>
    internal sealed class Lease(MemoryBudget budget, ShelvedModel owner) : IDisposable
    {
        private long _bytes;

        public ShelvedModel Owner { get; } = owner;

        public long Bytes
        {
            get => Interlocked.Read(ref _bytes);
            set => Interlocked.Exchange(ref _bytes, value);
        }

        public void Dispose()
        {
            lock (budget._lock)
                budget._leases.Remove(this);
        }
    }
}
