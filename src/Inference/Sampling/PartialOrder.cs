namespace Causerie.Inference.Sampling;

/// <summary>Puts the smallest keys in order and leaves the rest alone, since few of a vocabulary's tokens matter.</summary>
internal static class PartialOrder
{
    private const int LargestHeap = 1024;

    /// <summary>Makes <c>keys[0..wanted)</c> the smallest keys, ascending.</summary>
    /// <param name="keys">[n] keys, all different; permuted.</param>
    /// <param name="sorted">How many leading keys have their final place already.</param>
    /// <param name="wanted">How many leading keys to put in place, at most n.</param>
    public static void Extend(Span<ulong> keys, int sorted, int wanted)
    {
        if (wanted <= sorted)
            return;
        var rest = keys[sorted..];
        int need = wanted - sorted;
        if (need < rest.Length)
        {
            if (need <= LargestHeap)
                SelectByHeap(rest, need);
            else
                SelectByPartition(rest, need);
        }
        rest[..need].Sort();
    }

    // The largest of the chosen keys is at the root: nearly all others are dismissed by one comparison.
    private static void SelectByHeap(Span<ulong> keys, int need)
    {
        var heap = keys[..need];
        for (int i = (need / 2) - 1; i >= 0; i--)
            SiftDown(heap, i);
        for (int i = need; i < keys.Length; i++)
        {
            if (keys[i] > heap[0])
                continue;
            (keys[i], heap[0]) = (heap[0], keys[i]);
            SiftDown(heap, 0);
        }
    }

    private static void SiftDown(Span<ulong> heap, int i)
    {
        ulong key = heap[i];
        while (true)
        {
            int child = (2 * i) + 1;
            if (child >= heap.Length)
                break;
            if (child + 1 < heap.Length && heap[child + 1] > heap[child])
                child++;
            if (heap[child] <= key)
                break;
            heap[i] = heap[child];
            i = child;
        }
        heap[i] = key;
    }

    private static void SelectByPartition(Span<ulong> keys, int need)
    {
        // Twice the expected number of rounds; what defeats the choice of pivots is sorted instead.
        int rounds = 4 * (64 - (int)ulong.LeadingZeroCount((ulong)keys.Length));
        while (need > 0 && need < keys.Length)
        {
            if (rounds-- == 0)
            {
                keys.Sort();
                return;
            }
            int middle = Partition(keys);
            if (need <= middle)
            {
                keys = keys[..middle];
            }
            else
            {
                keys = keys[middle..];
                need -= middle;
            }
        }
    }

    // Hoare's partition: returns m, 0 < m < n, such that no key before m is larger than any from m on.
    private static int Partition(Span<ulong> keys)
    {
        ulong first = keys[0];
        ulong middle = keys[keys.Length / 2];
        ulong last = keys[^1];
        ulong pivot = Math.Max(Math.Min(first, middle), Math.Min(Math.Max(first, middle), last));
        int left = -1;
        int right = keys.Length;
        while (true)
        {
            while (keys[++left] < pivot)
            {
            }
            while (keys[--right] > pivot)
            {
            }
            if (left >= right)
                return Math.Clamp(right + 1, 1, keys.Length - 1);
            (keys[left], keys[right]) = (keys[right], keys[left]);
        }
    }
}
