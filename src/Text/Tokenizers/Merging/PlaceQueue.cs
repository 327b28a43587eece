using System.Buffers;

namespace Causerie.Text.Tokenizers.Merging;

/// <summary>A heap of places in a word where a pair may merge: lowest rank on top, leftmost of equals.</summary>
internal ref struct PlaceQueue
{
    private const int Children = 4; // shallower than two, and four neighbours share a cache line
    private ulong[] _places; // rank in the high half, place in the low
    private int _count;

    /// <summary>An empty queue.</summary>
    public PlaceQueue(int capacity) => _places = ArrayPool<ulong>.Shared.Rent(capacity);

    /// <summary>Adds without order; <see cref="Order"/> must follow.</summary>
    public void Append(uint rank, int place) => _places[_count++] = Key(rank, place);

    /// <summary>Puts what was appended in order.</summary>
    public readonly void Order()
    {
        for (int at = (_count - 2) / Children; at >= 0 && _count > 1; at--)
            Sink(at, _places[at]);
    }

    /// <summary>Adds in order.</summary>
    public void Add(uint rank, int place)
    {
        if (_count == _places.Length)
        {
            ulong[] larger = ArrayPool<ulong>.Shared.Rent(_count * 2);
            _places.AsSpan(0, _count).CopyTo(larger);
            ArrayPool<ulong>.Shared.Return(_places);
            _places = larger;
        }
        ulong key = Key(rank, place);
        int at = _count++;
        while (at > 0 && _places[(at - 1) / Children] is var parent && parent > key)
        {
            _places[at] = parent;
            at = (at - 1) / Children;
        }
        _places[at] = key;
    }

    /// <summary>Takes the best.</summary>
    public bool TryTake(out uint rank, out int place)
    {
        (rank, place) = (0, 0);
        if (_count == 0)
            return false;
        ulong best = _places[0];
        (rank, place) = ((uint)(best >> 32), (int)(uint)best);
        ulong last = _places[--_count];
        if (_count > 0)
            Sink(0, last);
        return true;
    }

    /// <summary>Gives the memory back.</summary>
    public readonly void Dispose() => ArrayPool<ulong>.Shared.Return(_places);

    private static ulong Key(uint rank, int place) => ((ulong)rank << 32) | (uint)place;

    private readonly void Sink(int at, ulong key)
    {
        var places = _places.AsSpan(0, _count);
        for (int first = at * Children + 1; first < places.Length; first = at * Children + 1)
        {
            int least = first;
            int end = Math.Min(first + Children, places.Length);
            for (int child = first + 1; child < end; child++)
                if (places[child] < places[least])
                    least = child;
            if (places[least] >= key)
                break;
            places[at] = places[least];
            at = least;
        }
        places[at] = key;
    }
}
