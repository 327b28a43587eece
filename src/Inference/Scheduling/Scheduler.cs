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
    private readonly List<Sequence> _guessing = [];
    private readonly int[] _tokens = new int[Drafting.Rows];
    private long _added;

    /// <summary>How often a sequence had to give its pages up.</summary>
    public int Interruptions { get; private set; }

    /// <summary>Tokens guessed ahead.</summary>
    public long Guessed { get; private set; }

    /// <summary>Those that were right: each saved a step.</summary>
    public long Right { get; private set; }

    /// <summary>Guesses for who finds no guess in what was met; null where there is none.</summary>
    public DraftModel? Draft { get; set; }

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

    /// <summary>Takes what the batch brought: its tokens are computed, and slices with logits have new ones.</summary>
    /// <param name="batch">The batch of the last <see cref="Next"/>.</param>
    /// <param name="pick">Picks from a row of logits.</param>
    /// <param name="endsAnswer">Whether a token ends an answer.</param>
    public void Commit(Batch batch, TokenPick pick, Predicate<int> endsAnswer)
    {
        int row = 0;
        foreach (ref readonly var slice in batch.Slices)
        {
            var sequence = slice.Sequence!;
            int sure = slice.Count - Math.Max(slice.LogitCount - 1, 0);
            sequence.Advance(sure);
            if (options.KeepPrefixes && slice.LogitCount > 0 && sequence.Length == sequence.PromptLength)
                _prefixes.Insert(sequence.Scope, sequence.Known, sequence.Kv, ended: false);
            var guess = batch.Tokens.Slice(slice.Row + sure, slice.Count - sure);
            int right = Append(sequence, pick, row, guess, slice.LogitCount, endsAnswer);
            (Guessed, Right) = (Guessed + guess.Length, Right + right);
            sequence.Drafting.Learn(right, sequence.Length);

            row += slice.LogitCount;
        }
    }

    /// <summary>Picks from one row after the other, as long as the row's token was guessed right.</summary>
    /// <returns>How many were.</returns>
    private static int Append(
        Sequence sequence, TokenPick pick, int row, ReadOnlySpan<int> guess, int rows, Predicate<int> endsAnswer)
    {
        for (int i = 0; i < rows; i++)
        {
            if (pick(sequence, row + i) is not { } id)
                return i;
            if (i < guess.Length)
                sequence.Drafting.Judge(id == guess[i], guess.Length - i);
            sequence.Append(id, endsAnswer(id));
            if (i == guess.Length || id != guess[i] || sequence.Ended)
                return i;
            sequence.Advance(1);
        }

        return 0;
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

    /// <summary>Who was interrupted, else the first of the client who has the fewest running; the patient come last.</summary>
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
            if (next is null || (sequence.IsPatient ? next.IsPatient && running < fewest : next.IsPatient || running < fewest))
                (next, fewest) = (sequence, running);
        }

        return next;
    }

    private void TakeWriters()
    {
        int writers = 0;
        foreach (var sequence in _running)
            writers += sequence.Decoding ? 1 : 0;
        Guess(options.Speculate && writers > 0 ? Drafting.Rows / writers : 1);
        for (int i = 0; i < _running.Count; i++)
        {
            var sequence = _running[i];
            if (!sequence.Decoding)
                continue;
            while (!TryReserve(sequence, sequence.Length) && _running.Count > i + 1)
                InterruptLast();
            if (sequence.Kv.Capacity >= sequence.Length)
                TakeWriter(sequence);
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

    /// <summary>What those who write may write next, up to so many rows each.</summary>
    private void Guess(int rows)
    {
        _guessing.Clear();
        foreach (var sequence in _running)
        {
            if (!sequence.Decoding)
                continue;

            // Guesses take no page from anybody.
            long room = sequence.Kv.Capacity + ((long)pool.Free * KvPages.Positions) - sequence.Length;
            sequence.Drafting.Begin(sequence.Tokens, sequence.Length - sequence.PromptLength, (int)Math.Min(Math.Min(rows, sequence.Left) - 1, room));
            if (sequence.Drafting is { Wanted: > 0, Count: 0 })
                _guessing.Add(sequence);
        }

        if (_guessing.Count == 0 || Draft is null)
            return;
        try
        {
            Draft.Guess(_guessing);
        }
        catch (Exception)
        {
            // Nobody needs guesses: one that fails is not asked again, and the answers go on.
            Draft = null;
            foreach (var sequence in _guessing)
                sequence.Drafting.Cut(0);
        }
    }

    /// <summary>The newest token and the guesses at those that follow it.</summary>
    private void TakeWriter(Sequence sequence)
    {
        var drafting = sequence.Drafting;
        if (drafting.Count > 0 && !sequence.Kv.TryReserve(sequence.Length + drafting.Count))
            drafting.Cut(0);
        if (drafting.Count == 0)
        {
            Take(sequence, 1);
            return;
        }

        sequence.Pending.CopyTo(_tokens);
        drafting.Tokens.CopyTo(_tokens.AsSpan(1));
        _batch.Add(
            sequence.Kv, _tokens.AsSpan(0, 1 + drafting.Count), sequence.Computed, WantedLogits.All, sequence);
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
        sequence.Drafting.Release();
    }
}

/// <summary>Picks a sequence's next token from a row of logits; null where that failed and the sequence ends.</summary>
internal delegate int? TokenPick(Sequence sequence, int row);
