using Causerie.Chat;

namespace Causerie.Inference.Sampling;

/// <summary>The tokens that may still come next, with their logits: what the samplers of one chain pass on.</summary>
/// <remarks>
/// A token is held as one number whose order is "larger logit first, then smaller id", so that choosing and sorting are
/// done on plain integers and ties never depend on the way there. One instance may serve all sequences of a thread.
/// </remarks>
public sealed class Candidates
{
    private ulong[] _keys = [];
    private double[] _weights = [];
    private ulong[] _scratch = [];
    private readonly BestBlocks _blocks = new();
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
        else
            Take(logits, 0, logits.Length, float.NegativeInfinity, ref count, ref best);
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
        int kept = 1;
        for (int i = 1; i < Count; i++)
            if (Logit(i) >= least)
                _keys[kept++] = _keys[i];
        // What is in order goes first and is cut at one place, so it stays in order.
        Truncate(kept);
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
        for (int i = 0; i < order.Length; i++)
            order[i] = ((ulong)BitConverter.SingleToUInt32Bits(scores[i]) << 32) | (uint)i;
        double sum = 0;
        int count = 0;
        int ready = 0;
        while (count < order.Length && sum <= mass)
        {
            if (count == ready)
            {
                int more = Math.Min(order.Length, Math.Max(64, 4 * ready));
                PartialOrder.Extend(order, ready, more);
                ready = more;
            }
            int i = (int)(uint)order[count];
            sum += weights[i];
            kept[count++] = _keys[i];
        }
        kept[..count].CopyTo(_keys);
        Count = count;
        _sorted = 0;
    }

    /// <summary>Divides all logits.</summary>
    /// <param name="temperature">Above 0.</param>
    public void Scale(float temperature)
    {
        for (int i = 0; i < Count; i++)
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
        for (int i = 0; i < Count; i++)
            sum += _weights[i] = Math.Exp(Logit(i) - largest);
        return _weights.AsSpan(0, Count);
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
