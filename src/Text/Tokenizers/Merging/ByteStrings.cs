using System.Buffers.Binary;
using System.Numerics;

namespace Causerie.Text.Tokenizers.Merging;

/// <summary>Byte strings numbered from 0 in one block of memory, and found again by content if asked to be.</summary>
internal sealed class ByteStrings
{
    // Up to here a key is the content itself, so that finding a string looks at nothing but its slot.
    private const int Short = 7;
    private const ulong Long = 0xFFUL << 56;
    private const ulong Mix = 0x9E3779B97F4A7C15;
    private byte[] _bytes;
    private int[] _ends; // [count] exclusive
    private Slot[] _slots = [];
    private int _shift;
    private int _found;

    /// <summary>Makes room for about so many strings and bytes.</summary>
    public ByteStrings(int count, int bytes) => (_ends, _bytes) = (new int[count], new byte[bytes]);

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The string of that number.</summary>
    public ReadOnlySpan<byte> this[int number]
    {
        get
        {
            int start = number == 0 ? 0 : _ends[number - 1];
            return _bytes.AsSpan(start, _ends[number] - start);
        }
    }

    /// <summary>Adds a string under the next number.</summary>
    /// <param name="value">The bytes.</param>
    /// <param name="findable">Whether finding gives it; of equal strings it gives the first.</param>
    public int Add(ReadOnlySpan<byte> value, bool findable)
    {
        int start = Count == 0 ? 0 : _ends[Count - 1];
        int end = checked(start + value.Length);
        if (end > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(end, _bytes.Length * 2L)));
        if (Count == _ends.Length)
            Array.Resize(ref _ends, Math.Max(16, Count * 2));
        value.CopyTo(_bytes.AsSpan(start));
        _ends[Count++] = end;
        if (findable)
            Index(value, Count - 1);
        return Count - 1;
    }

    /// <summary>Number of the string, or −1.</summary>
    public int Find(ReadOnlySpan<byte> value)
    {
        var slots = _slots;
        if (slots.Length == 0)
            return -1;
        ulong key = KeyOf(value);
        for (int at = (int)((key * Mix) >> _shift); ; at = (at + 1) & (slots.Length - 1))
        {
            var slot = slots[at];
            if (slot.Number == 0)
                return -1;
            if (slot.Key == key && (key < Long || this[slot.Number - 1].SequenceEqual(value)))
                return slot.Number - 1;
        }
    }

    private void Index(ReadOnlySpan<byte> value, int number)
    {
        if (++_found * 2 > _slots.Length)
            Grow();
        ulong key = KeyOf(value);
        int at = (int)((key * Mix) >> _shift);
        while (_slots[at].Number != 0)
        {
            if (_slots[at].Key == key && (key < Long || this[_slots[at].Number - 1].SequenceEqual(value)))
                return;
            at = (at + 1) & (_slots.Length - 1);
        }
        _slots[at] = new Slot(key, number + 1);
    }

    private void Grow()
    {
        var old = _slots;
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1024, _ends.Length * 2L));
        _slots = new Slot[Math.Max(size, checked(old.Length * 2))];
        _shift = 64 - BitOperations.Log2((uint)_slots.Length);
        foreach (var slot in old)
        {
            if (slot.Number == 0)
                continue;
            int at = (int)((slot.Key * Mix) >> _shift);
            while (_slots[at].Number != 0)
                at = (at + 1) & (_slots.Length - 1);
            _slots[at] = slot;
        }
    }

    /// <summary>What a string is looked up by: its content where it is short, a hash otherwise.</summary>
    /// <remarks>The length stands in the highest byte: no two short strings share a key.</remarks>
    private static ulong KeyOf(ReadOnlySpan<byte> value)
    {
        int length = value.Length;
        if (length <= Short)
        {
            ulong content = length switch
            {
                >= 4 => BinaryPrimitives.ReadUInt32LittleEndian(value) |
                    ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(value[(length - 4)..]) << (8 * (length - 4))),
                3 => value[0] | ((ulong)value[1] << 8) | ((ulong)value[2] << 16),
                2 => value[0] | ((ulong)value[1] << 8),
                1 => value[0],
                _ => 0,
            };
            return content | ((ulong)length << 56);
        }
        ulong hash = (ulong)length * Mix;
        var rest = value;
        while (rest.Length >= 8)
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(rest)) * Mix;
            hash ^= hash >> 29;
            rest = rest[8..];
        }
        if (!rest.IsEmpty)
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(value[^8..])) * Mix;
        return hash ^ (hash >> 29) | Long;
    }

    /// <summary>A string's key and its number + 1; 0 where free.</summary>
    private readonly record struct Slot(ulong Key, int Number);
}
