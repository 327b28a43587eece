using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Causerie.Chat;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects;

namespace Causerie.Host.Serving;

/// <summary>Answers that are made while nobody waits: started, followed from any event on, cancelled, kept when they end.</summary>
internal sealed class BackgroundAnswers(IChatModel model, ApiObjects objects, Stopping stopping, TimeProvider clock)
{
    private const int MostEnded = 256; // whose events can still be followed

    private readonly ConcurrentDictionary<(string Owner, string Id), Entry> _entries = new();
    private readonly ConcurrentQueue<(string Owner, string Id)> _ended = new();

    /// <summary>Begins an answer.</summary>
    /// <param name="call">What is asked.</param>
    /// <param name="requests">The same, with who asks.</param>
    /// <param name="owner">Whose it is.</param>
    /// <param name="describe">The API's account of a failure.</param>
    public Entry Start(BackgroundCall call, ImmutableArray<ChatRequest> requests, string owner, Func<Exception, DialectError> describe)
    {
        if (!model.Models.Any(card => card.Id == call.Request.Model))
            throw new ChatException(ChatErrorKind.ModelNotFound, $"The model '{call.Request.Model}' does not exist.", "model");
        var entry = new Entry(call);
        entry.Add(call.WriteQueued);
        Keep(call.Now, owner);
        string id = call.Now.Id;
        _entries[(owner, id)] = entry;
        entry.Completion = Task.Run(() => RunAsync(entry, requests, owner, id, describe));
        return entry;
    }

    /// <summary>One that is being made, or ended not long ago; null where there is none.</summary>
    public Entry? Find(string owner, string id) => _entries.GetValueOrDefault((owner, id));

    /// <summary>Ends one that is being made, and tells its events no more; what was kept of it stays.</summary>
    public async Task ForgetAsync(string owner, string id, CancellationToken cancellationToken)
    {
        if (Find(owner, id) is not { } entry)
            return;
        entry.Cancel();
        await entry.Completion.WaitAsync(cancellationToken);
        _entries.TryRemove((owner, id), out _);
    }

    private async Task RunAsync(Entry entry, ImmutableArray<ChatRequest> requests, string owner, string id, Func<Exception, DialectError> describe)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(entry.Cancelled, stopping.Now);
        try
        {
            await foreach (var (choice, chatEvent) in Choices.StreamAsync(model, requests, stop.Token))
                entry.Add(output => entry.Call.WriteEvent(choice, chatEvent, output));
            Keep(entry.Call.Kept, owner);
        }
        catch (OperationCanceledException) when (entry.Cancelled.IsCancellationRequested)
        {
            entry.Add(entry.Call.WriteCancelled);
            Keep(entry.Call.Now, owner);
        }
#pragma warning disable CA1031 // Whatever a model throws, who asks later must see it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            entry.Add(output => entry.Call.WriteFailed(describe(failure), output));
            Keep(entry.Call.Now, owner);
        }

        entry.End();
        _ended.Enqueue((owner, id));
        while (_ended.Count > MostEnded && _ended.TryDequeue(out var oldest))
            _entries.TryRemove(oldest, out _);
    }

    private void Keep(DialectObject one, string owner) => Keep([one], owner);

    private void Keep(ImmutableArray<DialectObject> all, string owner)
    {
        try
        {
            objects.Put([.. all.Select(one => new ApiObject(one.Kind, one.Id, owner, clock.GetUtcNow(), one.Json))]);
        }
        catch (StorageException)
        {
            // The disk is full or gone: the answer can still be followed while this process lives.
        }
    }

    /// <summary>One answer: its events so far.</summary>
    [SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable",
        Justification = "A cancellation without a deadline holds nothing to dispose.")]
    internal sealed class Entry(BackgroundCall call)
    {
        private readonly Lock _gate = new();
        private readonly List<byte[]> _events = [];
        private readonly CancellationTokenSource _cancel = new();
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _ended;

        /// <summary>What was asked.</summary>
        public BackgroundCall Call => call;

        /// <summary>Ends when the answer has ended and is kept.</summary>
        public Task Completion { get; set; } = Task.CompletedTask;

        /// <summary>Asked for by <see cref="Cancel"/>.</summary>
        public CancellationToken Cancelled => _cancel.Token;

        /// <summary>Asks it to end.</summary>
        public void Cancel() => _cancel.Cancel();

        /// <summary>The answer as it stands.</summary>
        public string Now()
        {
            lock (_gate)
                return call.Now.Json;
        }

        /// <summary>Takes the events that a step wrote.</summary>
        public void Add(Action<IBufferWriter<byte>> write)
        {
            TaskCompletionSource changed;
            lock (_gate)
            {
                var output = new ArrayBufferWriter<byte>();
                write(output);
                var rest = output.WrittenSpan;
                while (!rest.IsEmpty)
                {
                    int end = rest.IndexOf("\n\n"u8) + 2;
                    _events.Add(rest[..end].ToArray());
                    rest = rest[end..];
                }

                (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            changed.SetResult();
        }

        /// <summary>Nothing more comes.</summary>
        public void End()
        {
            lock (_gate)
                _ended = true;
            Add(static _ => { });
        }

        /// <summary>The events behind a number, as they come, until the answer ends.</summary>
        public async IAsyncEnumerable<byte[]> FollowAsync(int after, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (int next = after + 1; ;)
            {
                byte[][] some;
                Task changed;
                bool ended;
                lock (_gate)
                {
                    some = next < _events.Count ? [.. _events[Math.Max(0, next)..]] : [];
                    (changed, ended) = (_changed.Task, _ended);
                }

                foreach (byte[] one in some)
                    yield return one;
                next += some.Length;
                if (ended && some.Length == 0)
                    yield break;
                if (some.Length == 0)
                    await changed.WaitAsync(cancellationToken);
            }
        }
    }
}
