using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Inference.KvCache;
using Causerie.Inference.Models;
using Causerie.Inference.Scheduling;

namespace Causerie.Inference.Embeddings;

/// <summary>One request on its way through an <see cref="Embedder"/>: its texts in order, and how far they are read.</summary>
/// <remarks>The embedder's thread owns it, but for <see cref="Result"/> and <see cref="Cancel"/>.</remarks>
/// <param name="texts">[n] the token ids of each; none is empty.</param>
/// <param name="dimensions">Elements of a vector.</param>
/// <param name="model">Whose vectors they are.</param>
internal sealed class EmbeddingJob(int[][] texts, int dimensions, HyperParameters model)
{
    private readonly TaskCompletionSource<ImmutableArray<ReadOnlyMemory<float>>> _result =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly List<Slice> _slices = [];
    private readonly float[][] _vectors = new float[texts.Length][];
    private BlockTable? _kv; // of the text that is read in several passes
    private PooledVector? _pooled;
    private int _next; // text
    private int _read; // tokens of it
    private int _done;
    private ChatException? _failure;
    private volatile bool _cancelled;

    /// <summary>The vectors.</summary>
    public Task<ImmutableArray<ReadOnlyMemory<float>>> Result => _result.Task;

    /// <summary>Whether nothing more is to be done for it.</summary>
    public bool IsOver => _cancelled || _failure is not null || _done == texts.Length;

    /// <summary>Whether a part of it is in the pass that is made up or run now.</summary>
    public bool IsInPass => _slices.Count > 0;

    /// <summary>The caller left; may be called on any thread.</summary>
    public void Cancel() => _cancelled = true;

    /// <summary>Puts the next text, or the next part of it, into the batch.</summary>
    /// <param name="batch">What the pass is made of.</param>
    /// <param name="room">Tokens that the pass still takes.</param>
    /// <param name="pages">Keys and values.</param>
    /// <returns>Whether something was put there.</returns>
    public bool TryAdd(Batch batch, int room, PagePool pages)
    {
        if (IsOver || _next == texts.Length)
            return false;
        int[] text = texts[_next];
        int count = Math.Min(text.Length - _read, room);
        // Positions that see what is behind them are read with all of it; a long text fills a pass alone.
        if (model.Bidirectional && count < text.Length)
        {
            if (batch.Count > 0)
                return false;
            count = text.Length;
        }

        if (count <= 0 || !Reserve(text.Length, pages))
            return false;
        bool last = _read + count == text.Length;
        var wanted = _pooled!.Wanted(last);
        batch.Add(_kv!, text.AsSpan(_read, count), _read, wanted);
        _slices.Add(new Slice(_next, _pooled, _kv!, wanted switch
        {
            WantedLogits.None => 0,
            WantedLogits.Last => 1,
            _ => count,
        }, last, batch.Slices.Length - 1));
        _read += count;
        if (last)
        {
            (_kv, _pooled, _read) = (null, null, 0);
            _next++;
        }

        return true;
    }

    /// <summary>Takes what the pass made of the parts that were added.</summary>
    /// <param name="hidden">[rows, width] f32 of the whole batch.</param>
    /// <param name="firstRows">Where each of the batch's slices begins in it.</param>
    public void Take(ReadOnlySpan<float> hidden, ReadOnlySpan<int> firstRows)
    {
        foreach (var slice in _slices)
        {
            for (int i = 0; i < slice.Rows; i++)
                slice.Pooled.Add(hidden.Slice((firstRows[slice.InBatch] + i) * model.Width, model.Width));
            if (!slice.Last)
                continue;
            slice.Kv.Clear();
            _vectors[slice.Text] = slice.Pooled.Finish(dimensions);
            _done++;
        }

        _slices.Clear();
    }

    /// <summary>Ends it with an error.</summary>
    public void Fail(ChatException cause) => _failure = cause;

    /// <summary>Gives its pages back and tells its caller what came of it.</summary>
    public void Release()
    {
        foreach (var slice in _slices)
            slice.Kv.Clear();
        _slices.Clear();
        _kv?.Clear();
        _kv = null;
        if (_failure is not null)
            _result.TrySetException(_failure);
        else if (_done == texts.Length)
            _result.TrySetResult([.. _vectors.Select(vector => (ReadOnlyMemory<float>)vector)]);
        else
            _result.TrySetCanceled();
    }

    // All of a text's pages at once: two texts that each hold half of the pages would wait for one another for ever.
    private bool Reserve(int positions, PagePool pages)
    {
        if (_kv is not null)
            return true;
        var kv = new BlockTable(pages);
        if (!kv.TryReserve(positions))
        {
            kv.Clear();
            return false;
        }

        (_kv, _pooled) = (kv, new PooledVector(model.Pooling!.Value, model.Width));
        return true;
    }

    private readonly record struct Slice(int Text, PooledVector Pooled, BlockTable Kv, int Rows, bool Last, int InBatch);
}
