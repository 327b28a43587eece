using System.Buffers.Binary;

namespace Causerie.Text.Tokenizers.Merging;

/// <summary>Byte strings numbered from 0 in one block of memory, and found again by content if asked to be.</summary>
internal sealed class ByteStrings
{
    private const ulong Mix = 0x9E3779B97F4A7C15;
    private byte[] _bytes;
    private int[] _ends; // [count] exclusive
    private ulong[] _slots = new ulong[1024]; // hash in the high half, number + 1 in the low; 0 where free
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
    /// <param name="findable">Whether <see cref="Find"/> gives it; of equal strings it gives the first.</param>
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
        uint hash = Hash(value);
        for (uint slot = hash & (uint)(_slots.Length - 1); ; slot = (slot + 1) & (uint)(_slots.Length - 1))
        {
            ulong entry = _slots[slot];
            if (entry == 0)
                return -1;
            if ((uint)(entry >> 32) == hash && this[(int)(uint)entry - 1].SequenceEqual(value))
                return (int)(uint)entry - 1;
        }
    }

    private void Index(ReadOnlySpan<byte> value, int number)
    {
        if (Find(value) >= 0)
            return;
        if (++_found * 2 > _slots.Length)
        {
            ulong[] old = _slots;
            _slots = new ulong[checked(old.Length * 2)];
            foreach (ulong entry in old)
                if (entry != 0)
                    Put(entry);
        }
        Put(((ulong)Hash(value) << 32) | (uint)(number + 1));
    }

    private void Put(ulong entry)
    {
        uint slot = (uint)(entry >> 32) & (uint)(_slots.Length - 1);
        while (_slots[slot] != 0)
            slot = (slot + 1) & (uint)(_slots.Length - 1);
        _slots[slot] = entry;
    }

    private static uint Hash(ReadOnlySpan<byte> value)
    {
        ulong hash = (ulong)value.Length * Mix;
        while (value.Length >= 8)
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(value)) * Mix;
            hash ^= hash >> 29;
            value = value[8..];
        }
        ulong rest = 0;
        foreach (byte next in value)
            rest = (rest << 8) | next;
        hash = (hash ^ rest) * Mix;
        return (uint)((hash ^ (hash >> 29)) >> 16);
    }
}
