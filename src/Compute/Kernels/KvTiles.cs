using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Causerie.Compute.Lanes;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>The keys and values of one sequence in one layer, as attention reads them.</summary>
/// <remarks>
/// [position / 16][kvHead] tiles of keys, and as many of values; a position's room is given by <see cref="Reserve"/>
/// and holds anything until it is stored. Not for several threads at once.
/// </remarks>
public abstract unsafe class KvTiles
{
    /// <summary>Positions of a tile.</summary>
    public const int Positions = 16;

    private Line[] _keys = [];
    private Line[] _values = [];

    private protected KvTiles(int kvHeads, int headDim, int valueDim, long keyBytes, long valueBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(kvHeads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(headDim, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(valueDim, 1);
        KvHeads = kvHeads;
        HeadDim = headDim;
        ValueDim = valueDim;
        KeyBytes = keyBytes;
        ValueBytes = valueBytes;
    }

    /// <summary>Key and value heads.</summary>
    public int KvHeads { get; }

    /// <summary>Elements of a key.</summary>
    public int HeadDim { get; }

    /// <summary>Elements of a value.</summary>
    public int ValueDim { get; }

    /// <summary>Positions there is room for: a multiple of <see cref="Positions"/>.</summary>
    public int Capacity { get; private set; }

    /// <summary>Bytes of one position.</summary>
    public long BytesPerPosition => KvHeads * (KeyBytes + ValueBytes) / Positions;

    /// <summary>Whether everything that was stored since the beginning is finite in f16.</summary>
    internal bool AllFinite { get; set; } = true;

    /// <summary>Bytes of a tile of keys.</summary>
    internal long KeyBytes { get; }

    /// <summary>Bytes of a tile of values.</summary>
    internal long ValueBytes { get; }

    /// <summary>[capacity / 16, kvHeads] tiles, where they lie for as long as the object keeps its capacity.</summary>
    internal byte* Keys => Start(_keys);

    /// <inheritdoc cref="Keys"/>
    internal byte* Values => Start(_values);

    /// <summary>Room for keys and values in f16.</summary>
    public static KvTiles F16(int kvHeads, int headDim, int valueDim) => new OfHalves(kvHeads, headDim, valueDim);

    /// <summary>Room for keys and values in f32: exact, at twice the memory.</summary>
    public static KvTiles F32(int kvHeads, int headDim, int valueDim) => new Of<KvSingle>(kvHeads, headDim, valueDim);

    /// <summary>Room for keys and values in eight bits: 32 elements of one, or the last of them, share an f16 scale.</summary>
    public static KvTiles Q8_0(int kvHeads, int headDim, int valueDim) => new Of<KvQ8_0>(kvHeads, headDim, valueDim);

    /// <summary>Makes room for at least <paramref name="positions"/>; what was stored stays.</summary>
    public void Reserve(int positions)
    {
        if (positions <= Capacity)
            return;
        long tiles = ((long)positions + Positions - 1) / Positions;
        _keys = Grown(_keys, Keys, tiles * KvHeads * KeyBytes, Capacity / Positions * KvHeads * KeyBytes);
        _values = Grown(_values, Values, tiles * KvHeads * ValueBytes, Capacity / Positions * KvHeads * ValueBytes);
        Capacity = checked((int)(tiles * Positions));
    }

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
        ArgumentOutOfRangeException.ThrowIfLessThan(keys.Length, (long)count * KvHeads * HeadDim);
        ArgumentOutOfRangeException.ThrowIfLessThan(values.Length, (long)count * KvHeads * ValueDim);
        if (count == 0)
            return;

        // What is stored at the beginning is a new sequence, whatever the memory held before.
        if (position == 0)
            AllFinite = true;
        fixed (float* k = keys, v = values)
            Store(position, count, k, v, pool);
    }

    /// <summary>Attention over what was stored, all arguments being checked.</summary>
    internal abstract void Attend(in AttentionCall call, WorkerPool pool, VectorWidth width);

    private protected abstract void Store(int position, int count, float* keys, float* values, WorkerPool pool);

    private static byte* Start(Line[] lines) => lines.Length == 0
        ? null
        : (byte*)(((nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(lines)) + sizeof(Line) - 1)
            & -sizeof(Line));

    private static Line[] Grown(Line[] old, byte* from, long bytes, long kept)
    {
        // One more, because arrays do not begin on a line.
        var grown = GC.AllocateUninitializedArray<Line>(
            checked((int)((bytes + sizeof(Line) - 1) / sizeof(Line)) + 1), pinned: true);
        Buffer.MemoryCopy(from, Start(grown), bytes, kept);
        GC.KeepAlive(old);
        return grown;
    }

    /// <summary>A line of the cache: arrays of them may be longer than those of bytes, and loads do not straddle.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private readonly struct Line;

    private class Of<TFormat>(int kvHeads, int headDim, int valueDim) : KvTiles(
        kvHeads, headDim, valueDim, TFormat.TileBytes(headDim), TFormat.TileBytes(valueDim))
        where TFormat : struct, IKvFormat
    {
        internal override void Attend(in AttentionCall call, WorkerPool pool, VectorWidth width) =>
            AttentionSharing<TFormat>.Run(this, call, pool, width);

        private protected override void Store(int position, int count, float* keys, float* values, WorkerPool pool)
        {
            var work = new KvStoreWork<TFormat>(this, position, count, keys, values, pool);
            pool.Run(work.Chunks, ref work);
        }
    }

    private sealed class OfHalves(int kvHeads, int headDim, int valueDim) : Of<KvHalf>(kvHeads, headDim, valueDim)
    {
        internal override void Attend(in AttentionCall call, WorkerPool pool, VectorWidth width)
        {
            if (AllFinite)
                AttentionSharing<KvFiniteHalf>.Run(this, call, pool, width);
            else
                base.Attend(call, pool, width);
        }
    }
}

/// <summary>New keys and values on their way to their tiles, one tile's positions a chunk.</summary>
internal readonly unsafe struct KvStoreWork<TFormat>(
    KvTiles tiles, int position, int count, float* keys, float* values, WorkerPool pool) : IChunkedWork
    where TFormat : struct, IKvFormat
{
    private readonly byte* _keys = tiles.Keys;
    private readonly byte* _values = tiles.Values;

    /// <summary>Tiles that are met.</summary>
    public int Chunks => ((position + count - 1) / KvTiles.Positions) - (position / KvTiles.Positions) + 1;

    public void Run(int chunk, int worker)
    {
        float* scratch = (float*)pool.Scratch(worker, tiles.HeadDim * sizeof(float));
        long tile = (position / KvTiles.Positions) + chunk;
        int first = Math.Max(position, (int)tile * KvTiles.Positions);
        int last = Math.Min(position + count, ((int)tile + 1) * KvTiles.Positions);
        for (int h = 0; h < tiles.KvHeads; h++)
        {
            byte* keyTile = _keys + (((tile * tiles.KvHeads) + h) * tiles.KeyBytes);
            byte* valueTile = _values + (((tile * tiles.KvHeads) + h) * tiles.ValueBytes);
            for (int p = first; p < last; p++)
            {
                long row = ((long)(p - position) * tiles.KvHeads) + h;
                int slot = p % KvTiles.Positions;
                bool finite = TFormat.StoreKey(keys + (row * tiles.HeadDim), tiles.HeadDim, keyTile, slot, scratch);
                finite &= TFormat.StoreValue(values + (row * tiles.ValueDim), tiles.ValueDim, valueTile, slot);
                if (!finite)
                    tiles.AllFinite = false;
            }
        }
    }
}
