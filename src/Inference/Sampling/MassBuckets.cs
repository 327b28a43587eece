namespace Causerie.Inference.Sampling;

/// <summary>How much weight lies at which distance, in buckets: where to cut without sorting what lies before.</summary>
/// <remarks>
/// A distance's bucket never falls as the distance grows, rounding or not. So everything in the buckets before the one in
/// which the mass is reached is kept whatever its order, and only that bucket must be put in order to find the cut that
/// sorting everything would find.
/// </remarks>
internal sealed class MassBuckets
{
    private const int Count = 2048;
    private const float PerUnit = 64;
    private readonly double[] _masses = new double[Count];

    /// <summary>The bucket of a distance, which is not negative.</summary>
    public static int Of(float distance) => (int)Math.Min(distance * PerUnit, Count - 1);

    /// <summary>Empties all buckets.</summary>
    public void Clear() => Array.Clear(_masses);

    /// <summary>Puts a weight into a bucket.</summary>
    public void Add(float distance, double weight) => _masses[Of(distance)] += weight;

    /// <summary>The first bucket that takes the weight of all before it and its own to the mass, or the last one.</summary>
    /// <param name="mass">The mass.</param>
    /// <param name="before">The weight of the buckets before.</param>
    public int Find(double mass, out double before)
    {
        before = 0;
        for (int bucket = 0; bucket < Count - 1; bucket++)
        {
            double next = before + _masses[bucket];
            if (next >= mass)
                return bucket;
            before = next;
        }
        return Count - 1;
    }
}
