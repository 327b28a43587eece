using Causerie.Compute.Lanes;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>Keys and values of many sequences, in pages of some positions over all layers, as attention reads them.</summary>
/// <remarks>
/// [page][layer] tiles of keys [position / 16][kvHead], then as many of values. The memory is asked for once and given by
/// the system as pages are first met; a position holds anything until it is stored. Not for several threads at once.
/// </remarks>
public abstract unsafe class KvPages : IDisposable
{
    /// <summary>Positions of a page.</summary>
    public const int Positions = 64;

    private const int Line = 64; // Vectors do not straddle lines of the cache.

    private readonly AnonymousMemory? _memory;
    private readonly bool[] _finite; // [layers, pages]

    private protected KvPages(int layers, int kvHeads, int headDim, int valueDim, int count, long keyBytes, long valueBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(kvHeads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(headDim, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(valueDim, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Layers = layers;
        KvHeads = kvHeads;
        HeadDim = headDim;
        ValueDim = valueDim;
        Count = count;
        KeyBytes = keyBytes;
        ValueBytes = valueBytes;
        long tiles = (long)Positions / KvTile.Positions * kvHeads;
        ValuesAt = Aligned(checked(tiles * keyBytes));
        LayerBytes = checked(ValuesAt + Aligned(checked(tiles * valueBytes)));
        PageBytes = checked(LayerBytes * layers);
        _finite = new bool[checked(layers * count)];
        _memory = count == 0 ? null : AnonymousMemory.Allocate(checked(PageBytes * count), "keys and values");
    }

    /// <summary>Layers.</summary>
    public int Layers { get; }

    /// <summary>Key and value heads.</summary>
    public int KvHeads { get; }

    /// <summary>Elements of a key.</summary>
    public int HeadDim { get; }

    /// <summary>Elements of a value.</summary>
    public int ValueDim { get; }

    /// <summary>Pages.</summary>
    public int Count { get; }

    /// <summary>Bytes of a page.</summary>
    public long PageBytes { get; }

    /// <summary>Bytes of a tile of keys.</summary>
    internal long KeyBytes { get; }

    /// <summary>Bytes of a tile of values.</summary>
    internal long ValueBytes { get; }

    /// <summary>Bytes of one layer of a page.</summary>
    internal long LayerBytes { get; }

    /// <summary>Where the values of a layer begin.</summary>
    internal long ValuesAt { get; }

    /// <summary>Pages of keys and values in f16.</summary>
    /// <param name="layers">Layers.</param>
    /// <param name="kvHeads">Key and value heads.</param>
    /// <param name="headDim">Elements of a key.</param>
    /// <param name="valueDim">Elements of a value.</param>
    /// <param name="count">Pages; 0 takes no memory.</param>
    /// <exception cref="OutOfMemoryException">The system has not so much memory.</exception>
    public static KvPages F16(int layers, int kvHeads, int headDim, int valueDim, int count) =>
        new OfHalves(layers, kvHeads, headDim, valueDim, count);

    /// <summary>Pages of keys and values in f32: exact, at twice the memory.</summary>
    /// <inheritdoc cref="F16"/>
    public static KvPages F32(int layers, int kvHeads, int headDim, int valueDim, int count) =>
        new Of<KvSingle>(layers, kvHeads, headDim, valueDim, count);

    /// <summary>Pages in eight bits: 32 elements of a key or value, or the last of them, share an f16 scale.</summary>
    /// <inheritdoc cref="F16"/>
    public static KvPages Q8_0(int layers, int kvHeads, int headDim, int valueDim, int count) =>
        new Of<KvQ8_0>(layers, kvHeads, headDim, valueDim, count);

    /// <summary>Pages that so many positions need.</summary>
    public static int For(int positions) => (int)(((long)positions + Positions - 1) / Positions);

    /// <summary>The keys and values of one sequence in one layer.</summary>
    /// <param name="layer">Layer.</param>
    /// <param name="table">[pages] the page of each <see cref="Positions"/> positions, in order.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer or page.</exception>
    public KvView View(int layer, ReadOnlySpan<int> table)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)layer, (uint)Layers, nameof(layer));
        foreach (int page in table)
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)page, (uint)Count, nameof(table));
        return new KvView(this, layer, table);
    }

    /// <summary>Makes one page hold what another holds, in all layers.</summary>
    public void Copy(int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)from, (uint)Count, nameof(from));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)to, (uint)Count, nameof(to));
        Buffer.MemoryCopy(Start(from), Start(to), PageBytes, PageBytes);
        for (int layer = 0; layer < Layers; layer++)
            Finite(layer, to) = Finite(layer, from);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _memory?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Where one layer's part of the first page lies; those of the others follow <see cref="PageBytes"/> apart.</summary>
    internal byte* LayerStart(int layer) => Start(0) + (layer * LayerBytes);

    /// <summary>Whether a page holds only what is finite in f16, as far as it was written from its beginning.</summary>
    internal ref bool Finite(int layer, int page) => ref _finite[((long)layer * Count) + page];

    /// <summary>Whether all pages of a sequence do.</summary>
    internal bool AllFinite(int layer, ReadOnlySpan<int> table)
    {
        foreach (int page in table)
            if (!Finite(layer, page))
                return false;
        return true;
    }

    /// <summary>Attention over what was stored, all arguments being checked.</summary>
    internal abstract void Attend(in AttentionCall call, KvView kv, WorkerPool pool, VectorWidth width);

    /// <summary>Keeps new keys and values, all arguments being checked.</summary>
    internal abstract void Store(KvView kv, int position, int count, float* keys, float* values, WorkerPool pool);

    private byte* Start(int page)
    {
        // Nothing keeps the memory while kernels run but whoever owns this object and does not dispose of it then.
        return _memory is null ? null : _memory.Start + (page * PageBytes);
    }

    private static long Aligned(long bytes) => checked(bytes + Line - 1) & -Line;

    private class Of<TFormat>(int layers, int kvHeads, int headDim, int valueDim, int count) : KvPages(
        layers, kvHeads, headDim, valueDim, count, TFormat.TileBytes(headDim), TFormat.TileBytes(valueDim))
        where TFormat : struct, IKvFormat
    {
        internal override void Attend(in AttentionCall call, KvView kv, WorkerPool pool, VectorWidth width) =>
            AttentionSharing<TFormat>.Run(this, call, pool, width);

        internal override void Store(KvView kv, int position, int count, float* keys, float* values, WorkerPool pool)
        {
            fixed (int* table = kv.Table)
            {
                var work = new KvStoreWork<TFormat>(this, kv.Layer, table, position, count, keys, values, pool);
                pool.Run(work.Chunks, ref work);
            }
        }
    }

    private sealed class OfHalves(int layers, int kvHeads, int headDim, int valueDim, int count)
        : Of<KvHalf>(layers, kvHeads, headDim, valueDim, count)
    {
        internal override void Attend(in AttentionCall call, KvView kv, WorkerPool pool, VectorWidth width)
        {
            if (AllFinite(kv.Layer, kv.Table[..For(call.Length)]))
                AttentionSharing<KvFiniteHalf>.Run(this, call, pool, width);
            else
                base.Attend(call, kv, pool, width);
        }
    }
}
