using Causerie.Compute.Lanes;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>Grouped-query attention of some new positions of one sequence over its keys and values.</summary>
/// <remarks>
/// Keys and values are met in blocks of positions with a running softmax (Dao et al., 2022), so memory does not grow
/// with the context. Blocks begin at fixed positions: a query's result has the same bits alone, in any batch, on
/// any number of threads and with any instructions.
/// </remarks>
public static class Attention
{
    /// <summary>out = softmax(mask(cap(q · kᵀ · scale)), sinks) · v, head by head.</summary>
    /// <param name="shape">Heads, sizes, scale, window, cap.</param>
    /// <param name="q">[count, heads, headDim] f32; the last row is at position <paramref name="length"/> − 1.</param>
    /// <param name="kv">The sequence's keys and values, of at least <paramref name="length"/> positions.</param>
    /// <param name="count">New positions.</param>
    /// <param name="length">Positions in the cache, the new ones included.</param>
    /// <param name="sinks">[heads] f32 logits that take part in the softmax alone, or empty.</param>
    /// <param name="output">[count, heads, valueDim] f32, overwritten.</param>
    /// <param name="pool">The threads to run on.</param>
    public static void Run(
        AttentionShape shape, ReadOnlySpan<float> q, KvView kv, int count, int length,
        ReadOnlySpan<float> sinks, Span<float> output, WorkerPool pool) =>
        Run(shape, q, kv, count, length, sinks, output, pool, VectorWidths.Widest());

    /// <summary>The same with chosen instructions, which must be supported.</summary>
    internal static unsafe void Run(
        AttentionShape shape, ReadOnlySpan<float> q, KvView kv, int count, int length,
        ReadOnlySpan<float> sinks, Span<float> output, WorkerPool pool, VectorWidth width)
    {
        Check(shape, q.Length, kv, count, length, sinks.Length, output.Length);
        if (count == 0)
            return;
        fixed (float* pq = q, ps = sinks, po = output)
        fixed (int* table = kv.Table)
        {
            var call = new AttentionCall(shape, pq, kv.Layer, table, count, length, ps, po);
            kv.Pages.Attend(call, kv, pool, width);
        }

        GC.KeepAlive(kv.Pages);
    }

    private static void Check(
        AttentionShape shape, long q, KvView kv, int count, int length, int sinks, long output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(shape.KvHeads, kv.Pages.KvHeads, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfNotEqual(shape.HeadDim, kv.Pages.HeadDim, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfNotEqual(shape.ValueDim, kv.Pages.ValueDim, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Heads, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfNotEqual(shape.Heads % shape.KvHeads, 0, nameof(shape));
        if (shape.Bidirectional && shape.Window > 0)
            throw new ArgumentException("A window looks back; a bidirectional layer has none.", nameof(shape));
        Require(q, (long)count * shape.Heads * shape.HeadDim, nameof(q));
        Require(output, (long)count * shape.Heads * shape.ValueDim, nameof(output));
        if (length > kv.Capacity)
            throw new ArgumentException($"There is room for {kv.Capacity} positions, not for {length}.", nameof(kv));
        if (sinks != 0)
            Require(sinks, shape.Heads, nameof(sinks));
    }

    private static void Require(long held, long needed, string name)
    {
        if (held < needed)
            throw new ArgumentException($"{name} holds {held} elements, fewer than {needed}.", name);
    }
}

/// <summary>The fixed numbers of one layer's attention.</summary>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key and value heads; divides <paramref name="Heads"/>.</param>
/// <param name="HeadDim">Length of a query and key.</param>
/// <param name="ValueDim">Length of a value.</param>
/// <param name="Scale">Multiplies the dot product, usually 1/√headDim.</param>
/// <param name="Window">Sliding window in positions, the current one included; 0 is the whole context.</param>
/// <param name="SoftCap">cap · tanh(score / cap); 0 is off.</param>
/// <param name="Bidirectional">Whether a position sees those behind it as well, as in encoders.</param>
public readonly record struct AttentionShape(
    int Heads, int KvHeads, int HeadDim, int ValueDim, float Scale, int Window = 0, float SoftCap = 0,
    bool Bidirectional = false)
{
    /// <summary>Query heads of a key head.</summary>
    internal int Group => Heads / KvHeads;

    /// <summary>The first position that the one at <paramref name="position"/> sees.</summary>
    internal int First(int position) => Window > 0 ? Math.Max(0, position - Window + 1) : 0;
}

/// <summary>The arguments of one call, whose memory stays where it is until the call ends.</summary>
/// <param name="shape">Heads, sizes, scale, window, cap.</param>
/// <param name="q">[count, heads, headDim] f32.</param>
/// <param name="layer">Layer.</param>
/// <param name="table">[⌈length / 64⌉] pages.</param>
/// <param name="count">New positions.</param>
/// <param name="length">Positions in all.</param>
/// <param name="sinks">[heads] f32 or null.</param>
/// <param name="output">[count, heads, valueDim] f32.</param>
internal readonly unsafe struct AttentionCall(
    AttentionShape shape, float* q, int layer, int* table, int count, int length, float* sinks, float* output)
{
    public AttentionShape Shape { get; } = shape;

    public float* Q { get; } = q;

    public int Layer { get; } = layer;

    public int* Table { get; } = table;

    public int Count { get; } = count;

    public int Length { get; } = length;

    public float* Sinks { get; } = sinks;

    public float* Output { get; } = output;
}
