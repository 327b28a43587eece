namespace Causerie.Inference.KvCache;

/// <summary>Caches of finished sequences, kept for the next ones so that memory is asked for once.</summary>
/// <param name="shape">Shape of every cache.</param>
/// <param name="limit">Sequences that run at once; no more caches than these exist.</param>
internal sealed class KvPool(KvShape shape, int limit)
{
    private readonly Stack<SequenceKv> _free = new(limit);

    public SequenceKv Rent() => _free.TryPop(out var kv) ? kv : SequenceKv.Create(shape);

    public void Return(SequenceKv kv)
    {
        if (_free.Count < limit)
            _free.Push(kv);
    }
}
