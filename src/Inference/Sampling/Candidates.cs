using Causerie.Chat;

namespace Causerie.Inference.Sampling;

/// <summary>The tokens that may still come next, with their logits: what the samplers of one chain pass on.</summary>
/// <remarks>
/// A token is held as one number whose order is "larger logit first, then smaller id", so that choosing and sorting are
/// done on plain integers and ties never depend on the way there. One instance may serve all sequences of a thread.
/// </remarks>
public sealed class Candidates
{
    // So many are sorted and summed one by one; of more, whole blocks are.
    private const int Few = 1024;
    private const int Block = 64;

    // Below a weight of exp(−Near) even thousands carry little.
    private const float Near = 8;

    private ulong[] _keys = [];
    private double[] _weights = [];
    private ulong[] _scratch = [];
    private readonly BestBlocks _blocks = new();
    private readonly MassBuckets _buckets = new();
    private int _sorted;

    /// <summary>How many tokens are left; at least 1 between samplers.</summary>
    public int Count { get; private set; }

    /// <summary>Id of candidate <paramref name="i"/>.</summary>
    public int Id(int i) => (int)(uint)_keys[i];

    /// <summary>Logit of candidate <paramref name="i"/>.</summary>
    public float Logit(int i) => ToLogit((uint)(_keys[i] >> 32));

    /// <summary>Starts over with a whole vocabulary.</summary>
    /// <param name="logits">[vocabulary] f32; −∞ excludes a token.</param>
    /// <param name="most">How many of the best are all that anybody will look at; a few more may be loaded.</param>
    /// <exception cref="ChatException">A logit is NaN or +∞, or all are −∞.</exception>
    public void Load(ReadOnlySpan<float> logits, int most = int.MaxValue)
    {
        if (_keys.Length < logits.Length)
            _keys = new ulong[logits.Length];
        int count = 0;
        int best = 0;
        if (_blocks.TryFind(logits, most, out float least))
        {
            // Every one of the best lies in a block whose largest logit is one of the best.
            for (int block = 0; block < _blocks.Count; block++)
                if (_blocks.Largest(block) >= least)
                    Take(logits, block * BestBlocks.Length, BestBlocks.Length, least, ref count, ref best);
        }
        else if (KeyVectors.TryMake(logits, _keys, out best))
            count = logits.Length;
        else
        {
            best = 0;
            Take(logits, 0, logits.Length, float.NegativeInfinity, ref count, ref best);
        }
        if (count == 0)
            throw new ChatException(
                ChatErrorKind.Internal, "No token may come next: all logits are −∞, by the model or by logit_bias.");
        (_keys[0], _keys[best]) = (_keys[best], _keys[0]);
        Count = count;
        _sorted = 1;
    }

    private void Take(
        ReadOnlySpan<float> logits, int first, int length, float least, ref int count, ref int best)
    {
        int end = Math.Min(first + length, logits.Length);
        for (int id = first; id < end; id++)
        {
            float logit = logits[id];
            if (logit < least)
                continue;
            if (!float.IsFinite(logit))
            {
                if (logit == float.NegativeInfinity)
                    continue;
                throw new ChatException(
                    ChatErrorKind.Internal, $"The model computed {logit} as the logit of token {id}; its weights are damaged.");
            }
            ulong key = ((ulong)ToKey(logit) << 32) | (uint)id;
            _keys[count] = key;
            if (key < _keys[best])
                best = count;
            count++;
        }
    }

    /// <summary>Brings the <paramref name="count"/> largest logits to the front, in order.</summary>
    public void Order(int count)
    {
        count = Math.Min(count, Count);
        PartialOrder.Extend(_keys.AsSpan(0, Count), _sorted, count);
        _sorted = Math.Max(_sorted, count);
    }

    /// <summary>Keeps the first <paramref name="count"/> candidates as they stand.</summary>
    public void Truncate(int count)
    {
        Count = Math.Clamp(count, 1, Count);
        _sorted = Math.Min(_sorted, Count);
    }

    /// <summary>Keeps the candidates with at least this logit; at least the best one.</summary>
    public void KeepFrom(float least)
    {
        Order(1);
        ulong last = ((ulong)ToKey(least) << 32) | uint.MaxValue;
        // What is in order goes first and is cut at one place, so it stays in order.
        Truncate(1 + KeyVectors.Between(_keys.AsSpan(1, Count - 1), null, last, _keys.AsSpan(1)));
    }

    /// <summary>Keeps the fewest of the best candidates that carry a share of the weight; at least the best one.</summary>
    /// <remarks>
    /// The same tokens as by sorting all and adding up from the best: see <see cref="MassBuckets"/>. Where more than
    /// <see cref="Few"/> are kept they stand as they stood before, the best one first; fewer are put in order.
    /// </remarks>
    /// <param name="share">Below 1.</param>
    public void KeepShare(double share)
    {
        var weights = Weigh(out double sum);
        if (Count > Few && CutOf(weights, share * sum) is { } cut)
        {
            Truncate(KeyVectors.Between(_keys.AsSpan(0, Count), null, cut, _keys));
            if (Count <= Few)
                Order(Count);
            return;
        }
        double largest = Logit(0);
        double mass = 0;
        int kept = 0;
        int ordered = 0;
        while (kept < Count && (kept == 0 || mass < share * sum))
        {
            if (kept == ordered)
                Order(ordered = Math.Max(64, 4 * ordered));
            mass += Math.Exp(Logit(kept++) - largest);
        }
        Truncate(kept);
    }

    /// <summary>The last of the best keys that carry the mass together; null where no bucket tells.</summary>
    private ulong? CutOf(ReadOnlySpan<double> weights, double mass)
    {
        float largest = Logit(0);
        if (_scratch.Length < 2 * Few)
            _scratch = new ulong[2 * Room()];
        // Most texts have a few likely tokens that carry it: then sorting those is all.
        ulong last = ((ulong)ToKey(largest - Near) << 32) | uint.MaxValue;
        int count = KeyVectors.Between(_keys.AsSpan(0, Count), null, last, _scratch.AsSpan(0, 2 * Few));
        if (count > 0 && Walk(count, largest, 0, mass) is { } cut)
            return cut;
        _buckets.Clear();
        for (int i = 0; i < weights.Length; i++)
            _buckets.Add(largest - Logit(i), weights[i]);
        int bucket = _buckets.Find(mass, out double before);
        ulong? after = LastBelow(largest, bucket);
        last = LastBelow(largest, bucket + 1) ?? 0;
        if (_scratch.Length < Count)
            _scratch = new ulong[2 * Room()];
        count = KeyVectors.Between(_keys.AsSpan(0, Count), after, last, _scratch.AsSpan(0, Count));
        return count > 0 ? Walk(count, largest, before, mass) ?? last : null;
    }

    // Puts the keys in the scratch in order and adds them up until they reach the mass; null where they do not.
    private ulong? Walk(int count, double largest, double before, double mass)
    {
        var keys = _scratch.AsSpan(0, count);
        keys.Sort();
        foreach (ulong key in keys)
            if ((before += Math.Exp(ToLogit((uint)(key >> 32)) - largest)) >= mass)
                return key;
        return null;
    }

    // The last key whose distance lies in a bucket before this one: buckets never fall along the keys.
    private static ulong? LastBelow(float largest, int bucket)
    {
        uint low = ToKey(largest);
        uint high = ToKey(float.MinValue);
        if (MassBuckets.Of(0) >= bucket)
            return null;
        while (low < high)
        {
            uint middle = high - ((high - low) / 2);
            if (MassBuckets.Of(largest - ToLogit(middle)) < bucket)
                low = middle;
            else
                high = middle - 1;
        }
        return ((ulong)low << 32) | uint.MaxValue;
    }

    /// <summary>Keeps the candidates whose scores are smallest, until they carry the mass.</summary>
    /// <param name="scores">[Count] scores, not negative.</param>
    /// <param name="weights">[Count] weights of the candidates.</param>
    /// <param name="mass">Stop when more than this weight is kept.</param>
    public void KeepSmallest(ReadOnlySpan<float> scores, ReadOnlySpan<double> weights, double mass)
    {
        if (_scratch.Length < 2 * Count)
            _scratch = new ulong[2 * Room()];
        var order = _scratch.AsSpan(0, Count);
        var kept = _scratch.AsSpan(Count, Count);
        double sum = 0;
        int count = 0;
        if (Count > Few)
        {
            _buckets.Clear();
            for (int i = 0; i < scores.Length; i++)
                _buckets.Add(scores[i], weights[i]);
            int bucket = _buckets.Find(Math.BitIncrement(mass), out sum);
            int inBucket = 0;
            for (int i = 0; i < scores.Length; i++)
            {
                int its = MassBuckets.Of(scores[i]);
                if (its > bucket)
                    continue;
                if (its < bucket)
                    kept[count++] = _keys[i];
                else
                    order[inBucket++] = ((ulong)BitConverter.SingleToUInt32Bits(scores[i]) << 32) | (uint)i;
            }
            order = order[..inBucket];
        }
        else
        {
            for (int i = 0; i < order.Length; i++)
                order[i] = ((ulong)BitConverter.SingleToUInt32Bits(scores[i]) << 32) | (uint)i;
        }
        int ready = 0;
        for (int next = 0; next < order.Length && (sum <= mass || count == 0); next++)
        {
            if (next == ready)
            {
                int more = Math.Min(order.Length, Math.Max(64, 4 * ready));
                PartialOrder.Extend(order, ready, more);
                ready = more;
            }
            int i = (int)(uint)order[next];
            sum += weights[i];
            kept[count++] = _keys[i];
        }
        kept[..count].CopyTo(_keys);
        Count = count;
        _sorted = 0;
    }

    /// <summary>Writes the logits in the present order.</summary>
    /// <param name="logits">[≥ Count] f32.</param>
    public void CopyLogits(Span<float> logits)
    {
        for (int i = KeyVectors.Logits(_keys.AsSpan(0, Count), logits); i < Count; i++)
            logits[i] = Logit(i);
    }

    /// <summary>Divides all logits.</summary>
    /// <param name="temperature">Above 0.</param>
    public void Scale(float temperature)
    {
        for (int i = KeyVectors.Scale(_keys.AsSpan(0, Count), temperature); i < Count; i++)
        {
            float logit = Math.Clamp(Logit(i) / temperature, float.MinValue, float.MaxValue);
            _keys[i] = ((ulong)ToKey(logit) << 32) | (uint)_keys[i];
        }
        // Logits that were different may have become equal, which changes their order.
        _sorted = 0;
    }

    /// <summary>exp(logit − largest logit) of each candidate; the best one has 1.</summary>
    /// <param name="sum">What they sum to.</param>
    /// <returns>[Count] weights in the present order, valid until the next call.</returns>
    public ReadOnlySpan<double> Weigh(out double sum)
    {
        if (_weights.Length < Count)
            _weights = new double[Room()];
        Order(1);
        double largest = Logit(0);
        sum = 0;
        int done = Count > Few ? KeyVectors.Weigh(_keys.AsSpan(0, Count), largest, _weights, out sum) : 0;
        for (int i = done; i < Count; i++)
            sum += _weights[i] = Math.Exp(Logit(i) - largest);
        return _weights.AsSpan(0, Count);
    }

    /// <summary>The candidate in whose part of the weights, laid end to end, a place falls.</summary>
    /// <param name="weights">[Count] from <see cref="Weigh"/>.</param>
    /// <param name="place">From 0 to less than their sum.</param>
    public int At(ReadOnlySpan<double> weights, double place)
    {
        for (int start = 0; start < weights.Length; start += Block)
        {
            var block = weights.Slice(start, Math.Min(Block, weights.Length - start));
            if (weights.Length > Few && KeyVectors.Sum(block) is var mass && mass < place)
            {
                place -= mass;
                continue;
            }
            for (int i = 0; i < block.Length; i++)
            {
                place -= block[i];
                if (place < 0)
                    return Id(start + i);
            }
        }
        // Rounding may leave a sliver beyond the last one; the first is the best.
        return Id(0);
    }

    // Some room to grow, so that buffers settle after a few tokens.
    private int Room() => Math.Min(_keys.Length, Math.Max(64, 2 * Count));

    // Turns floats round so that the largest has the smallest key; adding 0 makes −0 and 0 the same.
    internal static uint ToKey(float logit)
    {
        uint bits = BitConverter.SingleToUInt32Bits(logit + 0f);
        uint negative = (uint)((int)bits >> 31);
        return bits ^ (~negative & 0x7FFF_FFFF);
    }

    private static float ToLogit(uint key) =>
        BitConverter.UInt32BitsToSingle((key & 0x8000_0000) != 0 ? key : key ^ 0x7FFF_FFFF);
}
