namespace Causerie.Inference.KvCache;

/// <summary>Keys and values in one array a layer.</summary>
internal abstract class ArrayKv<T>(KvShape shape) : SequenceKv where T : unmanaged
{
    private const int SmallestCapacity = 256;

    /// <summary>[layers][capacity, kvHeads, headDim].</summary>
    protected T[][] Keys { get; } = Empty(shape.Layers);

    /// <summary>[layers][capacity, kvHeads, valueDim].</summary>
    protected T[][] Values { get; } = Empty(shape.Layers);

    /// <inheritdoc/>
    public override void Reserve(int positions)
    {
        if (positions <= Capacity)
            return;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(positions, shape.MaxPositions);
        long wanted = Math.Max(Math.Max(positions, SmallestCapacity), 2L * Capacity);
        int capacity = (int)Math.Min(wanted, shape.MaxPositions);
        for (int l = 0; l < shape.Layers; l++)
        {
            Keys[l] = Grown(Keys[l], capacity, shape.KeyWidth);
            Values[l] = Grown(Values[l], capacity, shape.ValueWidth);
        }
        Capacity = capacity;
    }

    private static T[] Grown(T[] old, int capacity, int width)
    {
        var grown = GC.AllocateUninitializedArray<T>(checked(capacity * width));
        old.CopyTo(grown, 0);
        return grown;
    }

    private static T[][] Empty(int layers)
    {
        var empty = new T[layers][];
        Array.Fill(empty, []);
        return empty;
    }
}
