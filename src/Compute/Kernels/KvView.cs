using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>The keys and values of one sequence in one layer: where each page of its positions lies.</summary>
public readonly unsafe ref struct KvView
{
    internal KvView(KvPages pages, int layer, ReadOnlySpan<int> table)
    {
        Pages = pages;
        Layer = layer;
        Table = table;
    }

    /// <summary>The memory.</summary>
    public KvPages Pages { get; }

    /// <summary>The layer.</summary>
    public int Layer { get; }

    /// <summary>[pages] the page of each <see cref="KvPages.Positions"/> positions.</summary>
    public ReadOnlySpan<int> Table { get; }

    /// <summary>Positions there is room for.</summary>
    public int Capacity => Table.Length * KvPages.Positions;

    /// <summary>Keeps the keys and values of new positions.</summary>
    /// <param name="position">The first one; there must be room for all.</param>
    /// <param name="count">How many.</param>
    /// <param name="keys">[count, kvHeads, headDim] f32.</param>
    /// <param name="values">[count, kvHeads, valueDim] f32.</param>
    /// <param name="pool">The threads to run on.</param>
    public void Store(int position, int count, ReadOnlySpan<float> keys, ReadOnlySpan<float> values, WorkerPool pool)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Capacity - position);
        ArgumentOutOfRangeException.ThrowIfLessThan(keys.Length, (long)count * Pages.KvHeads * Pages.HeadDim);
        ArgumentOutOfRangeException.ThrowIfLessThan(values.Length, (long)count * Pages.KvHeads * Pages.ValueDim);
        if (count == 0)
            return;

        // What is stored at a page's beginning is new, whatever the memory held before.
        for (int page = KvPages.For(position); page < KvPages.For(position + count); page++)
            Pages.Finite(Layer, Table[page]) = true;
        fixed (float* k = keys, v = values)
            Pages.Store(this, position, count, k, v, pool);
    }
}

/// <summary>New keys and values on their way to their tiles, one tile's positions a chunk.</summary>
internal readonly unsafe struct KvStoreWork<TFormat>(
    KvPages pages, int layer, int* table, int position, int count, float* keys, float* values, WorkerPool pool)
    : IChunkedWork
    where TFormat : struct, IKvFormat
{
    private const int TilesOfPage = KvPages.Positions / KvTile.Positions;

    private readonly byte* _start = pages.LayerStart(layer);

    /// <summary>Tiles that are met.</summary>
    public int Chunks => ((position + count - 1) / KvTile.Positions) - (position / KvTile.Positions) + 1;

    public void Run(int chunk, int worker)
    {
        float* scratch = (float*)pool.Scratch(worker, pages.HeadDim * sizeof(float));
        int tile = (position / KvTile.Positions) + chunk;
        int page = table[tile / TilesOfPage];
        byte* start = _start + (page * pages.PageBytes);
        int first = Math.Max(position, tile * KvTile.Positions);
        int last = Math.Min(position + count, (tile + 1) * KvTile.Positions);
        for (int h = 0; h < pages.KvHeads; h++)
        {
            long at = ((long)(tile % TilesOfPage) * pages.KvHeads) + h;
            byte* keyTile = start + (at * pages.KeyBytes), valueTile = start + pages.ValuesAt + (at * pages.ValueBytes);
            for (int p = first; p < last; p++)
            {
                long row = ((long)(p - position) * pages.KvHeads) + h;
                int slot = p % KvTile.Positions;
                bool finite = TFormat.StoreKey(keys + (row * pages.HeadDim), pages.HeadDim, keyTile, slot, scratch);
                finite &= TFormat.StoreValue(values + (row * pages.ValueDim), pages.ValueDim, valueTile, slot);
                if (!finite)
                    pages.Finite(layer, page) = false;
            }
        }
    }
}
