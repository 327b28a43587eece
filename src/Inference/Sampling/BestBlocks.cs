using System.Numerics;

namespace Causerie.Inference.Sampling;

/// <summary>Bounds the best logits of a vocabulary from below by looking at each once, several at a time.</summary>
/// <remarks>
/// The k-th largest of the blocks' largest logits has at least k logits that are no smaller, so the k best are among
/// those not below it.
/// </remarks>
internal sealed class BestBlocks
{
    /// <summary>Logits in a block.</summary>
    public const int Length = 64;

    // Beyond a part of the blocks, most of the vocabulary would be left and the work in vain.
    private const int Part = 8;

    private float[] _largest = []; // [≥ Count]
    private ulong[] _order = [];

    /// <summary>How many blocks there are, the last one possibly shorter.</summary>
    public int Count { get; private set; }

    /// <summary>The largest logit of a block.</summary>
    public float Largest(int block) => _largest[block];

    /// <summary>Finds what none of the best is below.</summary>
    /// <param name="logits">[vocabulary] f32.</param>
    /// <param name="most">How many are the best.</param>
    /// <param name="least">No larger than any of the best.</param>
    /// <returns>False where it does not pay, or a logit is NaN or +∞, which the caller must find and name.</returns>
    public bool TryFind(ReadOnlySpan<float> logits, int most, out float least)
    {
        least = float.NegativeInfinity;
        Count = (logits.Length + Length - 1) / Length;
        if (most > Count / Part)
            return false;
        if (_largest.Length < Count)
            (_largest, _order) = (new float[Count], new ulong[Count]);
        if (!Scan(logits))
            return false;
        if (most == 1)
        {
            foreach (float largest in _largest.AsSpan(0, Count))
                least = Math.Max(least, largest);
            return true;
        }
        for (int block = 0; block < Count; block++)
            _order[block] = ((ulong)Candidates.ToKey(_largest[block]) << 32) | (uint)block;
        PartialOrder.Extend(_order.AsSpan(0, Count), 0, most);
        least = _largest[(int)(uint)_order[most - 1]];
        return true;
    }

    private bool Scan(ReadOnlySpan<float> logits)
    {
        var infinity = new Vector<float>(float.PositiveInfinity);
        var sound = Vector<int>.AllBitsSet; // neither NaN nor +∞ so far
        int whole = logits.Length / Length;
        for (int block = 0; block < whole; block++)
        {
            var values = logits.Slice(block * Length, Length);
            var most = new Vector<float>(values);
            sound &= Vector.LessThan(most, infinity);
            for (int at = Vector<float>.Count; at < Length; at += Vector<float>.Count)
            {
                var next = new Vector<float>(values[at..]);
                sound &= Vector.LessThan(next, infinity);
                most = Vector.Max(most, next);
            }
            float largest = most[0];
            for (int lane = 1; lane < Vector<float>.Count; lane++)
                largest = Math.Max(largest, most[lane]);
            _largest[block] = largest;
        }
        if (whole < Count)
        {
            float largest = float.NegativeInfinity;
            foreach (float value in logits[(whole * Length)..])
            {
                if (!(value < float.PositiveInfinity))
                    return false;
                largest = Math.Max(largest, value);
            }
            _largest[whole] = largest;
        }
        return Vector.EqualsAll(sound, Vector<int>.AllBitsSet);
    }
}
