using Causerie.Compute.Kernels;
using Causerie.Inference.KvCache;

namespace Causerie.Inference.Scheduling;

/// <summary>Decides what each forward pass computes: one token of everyone who writes, and a piece of the prompts.</summary>
/// <remarks>
/// Where pages run out, the sequence that started last gives its own up and goes on later. What it wrote is not lost
/// and, since no bit depends on who shares a batch, what it will write is not changed.
/// </remarks>
/// <param name="options">Limits.</param>
/// <param name="pool">Pages; at least as many as one sequence may reach.</param>
internal sealed class Scheduler(EngineOptions options, PagePool pool)
{
    private static readonly Comparison<Sequence> ShortestFirst = (a, b) => a.Pending.Length != b.Pending.Length
        ? a.Pending.Length.CompareTo(b.Pending.Length)
        : a.Number.CompareTo(b.Number);

    private readonly List<Sequence> _waiting = []; // interrupted ones first, then by arrival
    private readonly List<Sequence> _running = []; // by start
    private readonly List<Sequence> _prompts = []; // those of the batch
    private readonly PrefixCache _prefixes = new(pool);
    private readonly Batch _batch = new();
    private long _added;

    /// <summary>How often a sequence had to give its pages up.</summary>
    public int Interruptions { get; private set; }

    public void Add(Sequence sequence)
    {
        sequence.Number = _added++;
        _waiting.Add(sequence);
    }

    /// <summary>The next batch, empty where there is nothing to do; valid until the next call.</summary>
    public Batch Next()
    {
        Admit();
        do
        {
            _batch.Clear();
            TakeWriters();
            TakePrompts(_batch.Count > 0 ? options.SharedChunkLength : options.ChunkLength);
        }
        while (_batch.Count == 0 && _running.Count > 0 && InterruptLast());
        return _batch;
    }

    /// <summary>Takes what the batch brought: its tokens are computed, and slices with logits have a new one.</summary>
    /// <param name="batch">The batch of the last <see cref="Next"/>.</param>
    /// <param name="picked">[batch.Slices] picked tokens; null where the slice asked for none.</param>
    /// <param name="endsAnswer">Whether a token ends an answer.</param>
    public void Commit(Batch batch, ReadOnlySpan<int?> picked, Predicate<int> endsAnswer)
    {
        for (int i = 0; i < batch.Slices.Length; i++)
        {
            var sequence = batch.Slices[i].Sequence!;
            sequence.Advance(batch.Slices[i].Count);
            if (picked[i] is not { } id)
                continue;
            if (options.KeepPrefixes && sequence.Length == sequence.PromptLength)
                _prefixes.Insert(sequence.Scope, sequence.Known, sequence.Kv, ended: false);
            sequence.Append(id, endsAnswer(id));
        }
    }

    /// <summary>Forgets the sequences that ended or whose caller left, and takes their pages back.</summary>
    /// <returns>How many.</returns>
    public int Drop()
    {
        int dropped = _waiting.RemoveAll(IsOver);
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            if (!IsOver(_running[i]))
                continue;
            Leave(_running[i]);
            _running.RemoveAt(i);
            dropped++;
        }
        return dropped;
    }

    /// <summary>Ends every sequence that waits or runs.</summary>
    public void FailAll(Func<Exception> error)
    {
        foreach (var sequence in _running.Concat(_waiting))
            sequence.Fail(error());
    }

    private static bool IsOver(Sequence sequence) => sequence.Ended || sequence.Cancelled;

    /// <summary>Starts those who wait, as long as there is room for all that they have.</summary>
    private void Admit()
    {
        while (_running.Count < options.MaxSequences && NextInTurn() is { } sequence)
        {
            int known = options.KeepPrefixes ? _prefixes.Match(sequence.Scope, sequence.Tokens, sequence.Kv) : 0;
            int pages = KvPages.For(sequence.Length + 1) - sequence.Kv.Pages.Length;

            // Those who run need a page each before long.
            bool fits = pages + _running.Count <= pool.Free + pool.Idle;
            if ((!fits && _running.Count > 0) || !TryReserve(sequence, sequence.Length + 1))
            {
                sequence.Kv.Clear();
                return;
            }

            sequence.Start(known);
            _running.Add(sequence);
            _waiting.Remove(sequence);
        }
    }

    /// <summary>Who was interrupted, else the first of the client who has the fewest running.</summary>
    private Sequence? NextInTurn()
    {
        Sequence? next = null;
        int fewest = int.MaxValue;
        foreach (var sequence in _waiting)
        {
            if (IsOver(sequence))
                continue;
            if (sequence.Length > sequence.PromptLength)
                return sequence;
            int running = 0;
            foreach (var other in _running)
                running += other.Client == sequence.Client ? 1 : 0;
            if (running < fewest)
                (next, fewest) = (sequence, running);
        }

        return next;
    }

    private void TakeWriters()
    {
        for (int i = 0; i < _running.Count; i++)
        {
            var sequence = _running[i];
            if (!sequence.Decoding)
                continue;
            while (!TryReserve(sequence, sequence.Length) && _running.Count > i + 1)
                InterruptLast();
            if (sequence.Kv.Capacity >= sequence.Length)
                Take(sequence, 1);
            else
                InterruptLast(); // Itself.
        }
    }

    /// <summary>The prompt that started first has half of the room for certain; the shortest come first for the rest.</summary>
    private void TakePrompts(int room)
    {
        _prompts.Clear();
        foreach (var sequence in _running)
            if (!sequence.Decoding)
                _prompts.Add(sequence);
        if (_prompts.Count == 0)
            return;
        var first = _prompts[0];
        int kept = Math.Min(first.Pending.Length, (room + 1) / 2);
        _prompts.Sort(ShortestFirst);
        foreach (var sequence in _prompts)
        {
            if (sequence == first)
                kept = 0;
            int count = Math.Min(room - kept, sequence.Pending.Length);
            if (count <= 0 || !TryReserve(sequence, sequence.Computed + count))
                continue;
            Take(sequence, count);
            room -= count;
        }
    }

    private void Take(Sequence sequence, int count)
    {
        var pending = sequence.Pending;
        _batch.Add(
            sequence.Kv, pending[..count], sequence.Computed,
            count == pending.Length ? WantedLogits.Last : WantedLogits.None, sequence);
    }

    private bool TryReserve(Sequence sequence, int positions)
    {
        int missing = KvPages.For(positions) - sequence.Kv.Pages.Length;
        if (missing > pool.Free)
            _prefixes.Evict(missing);
        return sequence.Kv.TryReserve(positions);
    }

    /// <summary>The one that started last waits again, before all others; true where there is still another.</summary>
    private bool InterruptLast()
    {
        var last = _running[^1];
        _running.RemoveAt(_running.Count - 1);
        Leave(last);
        last.Interrupt();
        _waiting.Insert(0, last);
        Interruptions++;
        return _running.Count > 0;
    }

    /// <summary>A sequence's pages go to whoever begins alike, or to nobody.</summary>
    private void Leave(Sequence sequence)
    {
        if (options.KeepPrefixes)
            _prefixes.Insert(sequence.Scope, sequence.Known, sequence.Kv, ended: true);
        sequence.Kv.Clear();
    }
}
