namespace Causerie.Text.Tokenizers.Merging;

/// <summary>The merges of a byte-pair vocabulary: which two symbols give which third, and in what order.</summary>
internal sealed class MergeTable : IMergeRule
{
    private const ulong Mix = 0x9E3779B97F4A7C15;
    private readonly Slot[] _slots;
    private readonly int _shift;

    /// <summary>An empty table for at most <paramref name="count"/> merges.</summary>
    public MergeTable(int count)
    {
        int bits = 4;
        while (1L << bits < count * 3L / 2)
            bits++;
        _slots = new Slot[1 << bits];
        _shift = 64 - bits;
    }

    /// <summary>Adds a merge; the first of equal pairs keeps its rank.</summary>
    public void Add(int left, int right, uint rank, int id)
    {
        ulong key = Key(left, right);
        for (int at = (int)((key * Mix) >> _shift); ; at = (at + 1) & (_slots.Length - 1))
        {
            ref var slot = ref _slots[at];
            if (slot.Key == key)
                return;
            if (slot.Key != 0)
                continue;
            slot = new Slot(key, rank, id);
            return;
        }
    }

    /// <inheritdoc/>
    public bool TryMerge(ReadOnlySpan<byte> word, Symbol left, Symbol right, out uint rank, out int id)
    {
        (rank, id) = (uint.MaxValue, -1);
        if ((left.Id | right.Id) < 0)
            return false;
        ulong key = Key(left.Id, right.Id);
        for (int at = (int)((key * Mix) >> _shift); ; at = (at + 1) & (_slots.Length - 1))
        {
            ref var slot = ref _slots[at];
            if (slot.Key == key)
            {
                (rank, id) = (slot.Rank, slot.Id);
                return true;
            }
            if (slot.Key == 0)
                return false;
        }
    }

    // Numbers are shifted by one so that no key is 0, which marks a free slot.
    private static ulong Key(int left, int right) => ((ulong)(uint)(left + 1) << 32) | (uint)(right + 1);

    private readonly record struct Slot(ulong Key, uint Rank, int Id);
}
