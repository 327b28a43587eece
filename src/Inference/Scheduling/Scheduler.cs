using Causerie.Chat;
using Causerie.Inference.KvCache;

namespace Causerie.Inference.Scheduling;

/// <summary>Decides what each forward pass computes: one token of everyone who writes, and a piece of the prompts.</summary>
/// <param name="options">Limits.</param>
/// <param name="pool">Caches.</param>
internal sealed class Scheduler(EngineOptions options, KvPool pool)
{
    private readonly List<Sequence> _waiting = [];
    private readonly List<Sequence> _running = [];
    private readonly Batch _batch = new();

    public void Add(Sequence sequence) => _waiting.Add(sequence);

    /// <summary>The next batch, empty where there is nothing to do; valid until the next call.</summary>
    public Batch Next()
    {
        while (_running.Count < options.MaxSequences && _waiting.Count > 0)
        {
            _waiting[0].Start(pool.Rent());
            _running.Add(_waiting[0]);
            _waiting.RemoveAt(0);
        }
        _batch.Clear();
        foreach (var sequence in _running)
            if (sequence.Decoding)
                Take(sequence, 1);
        int room = options.ChunkLength;
        foreach (var sequence in _running)
            if (!sequence.Decoding && room > 0)
                room -= Take(sequence, Math.Min(room, sequence.Pending.Length));
        return _batch;
    }

    /// <summary>Takes what the batch brought: its tokens are computed, and slices with logits have a new one.</summary>
    /// <param name="batch">The batch of the last <see cref="Next"/>.</param>
    /// <param name="picked">[batch.Slices] picked tokens; null where the slice asked for none.</param>
    /// <param name="endsAnswer">Whether a token ends an answer.</param>
    public static void Commit(Batch batch, ReadOnlySpan<int?> picked, Predicate<int> endsAnswer)
    {
        for (int i = 0; i < batch.Slices.Length; i++)
        {
            var sequence = batch.Slices[i].Sequence!;
            sequence.Advance(batch.Slices[i].Count);
            if (picked[i] is { } id)
                sequence.Append(id, endsAnswer(id));
        }
    }

    /// <summary>Forgets the sequences that ended or whose caller left, and takes their caches back.</summary>
    /// <returns>How many.</returns>
    public int Drop()
    {
        int dropped = _waiting.RemoveAll(IsOver);
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            if (!IsOver(_running[i]))
                continue;
            pool.Return(_running[i].Release());
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

    private int Take(Sequence sequence, int count)
    {
        var pending = sequence.Pending;
        try
        {
            _batch.Add(
                sequence.Kv!, pending[..count], sequence.Computed,
                count == pending.Length ? WantedLogits.Last : WantedLogits.None, sequence);
            return count;
        }
        catch (OutOfMemoryException e)
        {
            sequence.Fail(new ChatException(
                ChatErrorKind.Overloaded,
                $"There is no memory for a context of {sequence.Computed + count} tokens; try again later.", null, e));
            return 0;
        }
    }

    private static bool IsOver(Sequence sequence) => sequence.Ended || sequence.Cancelled;
}
