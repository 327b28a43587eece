using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using Causerie.Gateway.Dialects;

namespace Causerie.Host.Serving.Background;

/// <summary>One answer that is made while nobody waits: its events so far.</summary>
/// <param name="call">What was asked.</param>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "A cancellation without a deadline holds nothing to dispose.")]
internal sealed class BackgroundEntry(BackgroundCall call)
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

    /// <summary>All events so far, as they went over the wire.</summary>
    public string Events()
    {
        lock (_gate)
            return string.Concat(_events.Select(Encoding.UTF8.GetString));
    }

    /// <summary>The events of a wire, one by one.</summary>
    public static IEnumerable<byte[]> Split(ReadOnlyMemory<byte> wire)
    {
        while (!wire.IsEmpty)
        {
            int end = wire.Span.IndexOf("\n\n"u8) + 2;
            yield return wire[..end].ToArray();
            wire = wire[end..];
        }
    }

    /// <summary>Takes the events that a step wrote.</summary>
    public void Add(Action<IBufferWriter<byte>> write)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            var output = new ArrayBufferWriter<byte>();
            write(output);
            _events.AddRange(Split(output.WrittenMemory));
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
