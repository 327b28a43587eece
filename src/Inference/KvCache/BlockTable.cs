using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Inference.KvCache;

/// <summary>The pages of one sequence, in order: where the keys and values of each of its positions lie.</summary>
/// <param name="pool">Gives the pages and takes them back.</param>
internal sealed class BlockTable(PagePool pool)
{
    private int[] _pages = new int[8];
    private int _count;

    /// <summary>The pages.</summary>
    public ReadOnlySpan<int> Pages => _pages.AsSpan(0, _count);

    /// <summary>Positions there is room for.</summary>
    public int Capacity => _count * KvPages.Positions;

    /// <summary>Makes room for some positions; false where pages ran out, and those that were free are taken.</summary>
    public bool TryReserve(int positions)
    {
        while (Capacity < positions)
        {
            if (!pool.TryRent(out int page))
                return false;
            Append(page);
        }

        return true;
    }

    /// <summary>Adds a page that is held for this table already.</summary>
    public void Append(int page)
    {
        if (_count == _pages.Length)
            Array.Resize(ref _pages, 2 * _count);
        _pages[_count++] = page;
    }

    /// <summary>Reads another page, of the same keys and values, from now.</summary>
    public void Replace(int index, int page)
    {
        pool.Hold(page);
        pool.Release(_pages[index]);
        _pages[index] = page;
    }

    /// <summary>Lets go of all pages.</summary>
    public void Clear()
    {
        foreach (int page in Pages)
            pool.Release(page);
        _count = 0;
    }

    /// <summary>Keeps the keys and values of new positions.</summary>
    /// <param name="layer">Layer.</param>
    /// <param name="position">First new position.</param>
    /// <param name="count">New positions.</param>
    /// <param name="keys">[count, kvHeads, headDim] f32.</param>
    /// <param name="values">[count, kvHeads, valueDim] f32.</param>
    /// <param name="threads">The threads to run on.</param>
    public void Store(
        int layer, int position, int count, ReadOnlySpan<float> keys, ReadOnlySpan<float> values, WorkerPool threads) =>
        pool.Memory.View(layer, Pages).Store(position, count, keys, values, threads);

    /// <summary>Attention of the last <paramref name="count"/> of <paramref name="length"/> positions.</summary>
    /// <inheritdoc cref="Attention.Run(AttentionShape, ReadOnlySpan{float}, KvView, int, int, ReadOnlySpan{float}, Span{float}, WorkerPool)"/>
    public void Attend(
        AttentionShape shape, int layer, ReadOnlySpan<float> q, int count, int length,
        ReadOnlySpan<float> sinks, Span<float> output, WorkerPool threads) =>
        Attention.Run(shape, q, pool.Memory.View(layer, Pages), count, length, sinks, output, threads);
}
