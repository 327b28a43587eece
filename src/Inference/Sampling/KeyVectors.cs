using System.Numerics;

namespace Causerie.Inference.Sampling;

/// <summary>The loops over a whole vocabulary's keys, several at a time.</summary>
/// <remarks>
/// A key has a logit, turned round so that the largest comes first, in its high half and an id in its low one. All but
/// <see cref="Weigh"/> compute the same bits as one by one; that one sums in an order of its own, the same
/// each time on one machine.
/// </remarks>
internal static class KeyVectors
{
    private static int Half => Vector<ulong>.Count;

    private static int Step => Vector<float>.Count;

    /// <summary>Makes the keys of logits that are all finite.</summary>
    /// <param name="logits">[n] f32.</param>
    /// <param name="keys">[≥ n]</param>
    /// <param name="best">Place of the smallest key.</param>
    /// <returns>False where a logit is not finite; then the keys mean nothing.</returns>
    public static bool TryMake(ReadOnlySpan<float> logits, Span<ulong> keys, out int best)
    {
        best = 0;
        var infinity = new Vector<float>(float.PositiveInfinity);
        var finite = Vector<int>.AllBitsSet;
        var least = Vector<ulong>.AllBitsSet;
        var ids = Vector<ulong>.Indices;
        var half = new Vector<ulong>((ulong)Half);
        int at = 0;
        for (; at + Step <= logits.Length; at += Step)
        {
            var values = new Vector<float>(logits[at..]) + Vector<float>.Zero;
            finite &= Vector.LessThan(Vector.Abs(values), infinity);
            var (low, high) = Halves(Turn(Vector.AsVectorInt32(values)));
            low = (low << 32) | ids;
            ids += half;
            high = (high << 32) | ids;
            ids += half;
            least = Vector.Min(least, Vector.Min(low, high));
            low.CopyTo(keys[at..]);
            high.CopyTo(keys[(at + Half)..]);
        }
        if (!Vector.EqualsAll(finite, Vector<int>.AllBitsSet))
            return false;
        ulong smallest = ulong.MaxValue;
        for (int lane = 0; lane < Vector<ulong>.Count; lane++)
            smallest = Math.Min(smallest, least[lane]);
        for (; at < logits.Length; at++)
        {
            if (!float.IsFinite(logits[at]))
                return false;
            keys[at] = ((ulong)Candidates.ToKey(logits[at]) << 32) | (uint)at;
            smallest = Math.Min(smallest, keys[at]);
        }
        best = (int)(uint)smallest;
        return logits.Length > 0;
    }

    /// <summary>Divides the logits of keys.</summary>
    /// <returns>How many were done; the rest is left.</returns>
    public static int Scale(Span<ulong> keys, float temperature)
    {
        var ids = new Vector<ulong>(uint.MaxValue);
        int at = 0;
        for (; at + Step <= keys.Length; at += Step)
        {
            var first = new Vector<ulong>(keys[at..]);
            var second = new Vector<ulong>(keys[(at + Half)..]);
            var values = Vector.Clamp(
                Logits(first, second) / new Vector<float>(temperature),
                new Vector<float>(float.MinValue), new Vector<float>(float.MaxValue)) + Vector<float>.Zero;
            var (low, high) = Halves(Turn(Vector.AsVectorInt32(values)));
            ((low << 32) | (first & ids)).CopyTo(keys[at..]);
            ((high << 32) | (second & ids)).CopyTo(keys[(at + Half)..]);
        }
        return at;
    }

    /// <summary>Writes the logits of keys.</summary>
    /// <returns>How many were done; the rest is left.</returns>
    public static int Logits(ReadOnlySpan<ulong> keys, Span<float> logits)
    {
        int at = 0;
        for (; at + Step <= keys.Length; at += Step)
            Logits(new Vector<ulong>(keys[at..]), new Vector<ulong>(keys[(at + Half)..])).CopyTo(logits[at..]);
        return at;
    }

    /// <summary>exp(logit − largest) of keys.</summary>
    /// <param name="keys">[n]</param>
    /// <param name="largest">The largest logit.</param>
    /// <param name="whalfs">[n]</param>
    /// <param name="sum">Of those that were done.</param>
    /// <returns>How many were done; the rest is left.</returns>
    public static int Weigh(ReadOnlySpan<ulong> keys, double largest, Span<double> whalfs, out double sum)
    {
        var less = new Vector<double>(largest);
        var sums = Vector<double>.Zero;
        int at = 0;
        for (; at + Step <= keys.Length; at += Step)
        {
            Vector.Widen(
                Logits(new Vector<ulong>(keys[at..]), new Vector<ulong>(keys[(at + Half)..])), out var low, out var high);
            low = Vector.Exp(low - less);
            high = Vector.Exp(high - less);
            sums += low + high;
            low.CopyTo(whalfs[at..]);
            high.CopyTo(whalfs[(at + Half)..]);
        }
        sum = 0;
        for (int lane = 0; lane < Vector<double>.Count; lane++)
            sum += sums[lane];
        return at;
    }

    /// <summary>Copies the keys in a range, in the order in which they stand.</summary>
    /// <param name="keys">[n]</param>
    /// <param name="after">Keys up to this one are left out.</param>
    /// <param name="last">Keys beyond this one are left out.</param>
    /// <param name="kept">Where they go; may be <paramref name="keys"/> itself.</param>
    /// <returns>How many there are, or −1 where they are more than there is room for.</returns>
    public static int Between(ReadOnlySpan<ulong> keys, ulong? after, ulong last, Span<ulong> kept)
    {
        ulong first = after is { } outside ? outside + 1 : 0;
        ulong range = last - first;
        var firsts = new Vector<ulong>(first);
        var ranges = new Vector<ulong>(range);
        int count = 0;
        int at = 0;
        for (; at + Half <= keys.Length; at += Half)
        {
            // One comparison: what lies before the first wraps round to far beyond the range.
            if (!Vector.LessThanOrEqualAny(new Vector<ulong>(keys[at..]) - firsts, ranges))
                continue;
            if (count + Half > kept.Length)
                break;
            for (int lane = 0; lane < Half; lane++)
            {
                ulong key = keys[at + lane];
                kept[count] = key;
                count += key - first <= range ? 1 : 0;
            }
        }
        for (; at < keys.Length; at++)
        {
            if (keys[at] - first > range)
                continue;
            if (count == kept.Length)
                return -1;
            kept[count++] = keys[at];
        }
        return count;
    }

    /// <summary>Sum of values, in half parts.</summary>
    public static double Sum(ReadOnlySpan<double> values)
    {
        var sums = Vector<double>.Zero;
        int at = 0;
        for (; at + Half <= values.Length; at += Half)
            sums += new Vector<double>(values[at..]);
        double sum = 0;
        for (int lane = 0; lane < Vector<double>.Count; lane++)
            sum += sums[lane];
        for (; at < values.Length; at++)
            sum += values[at];
        return sum;
    }

    private static Vector<float> Logits(Vector<ulong> first, Vector<ulong> second) =>
        Vector.AsVectorSingle(Turn(Vector.AsVectorInt32(Vector.Narrow(first >> 32, second >> 32))));

    private static (Vector<ulong> Low, Vector<ulong> High) Halves(Vector<int> bits)
    {
        Vector.Widen(Vector.AsVectorUInt32(bits), out var low, out var high);
        return (low, high);
    }

    // Its own inverse: see Candidates.ToKey.
    private static Vector<int> Turn(Vector<int> bits) =>
        bits ^ (~(bits >> 31) & new Vector<int>(0x7FFF_FFFF));
}
