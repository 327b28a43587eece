using System.Buffers.Binary;

namespace Causerie.Text.Tokenizers.Normalization;

/// <summary>
/// SentencePiece's compiled normalisation (<c>precompiled_charsmap</c>): a double array that finds the longest byte
/// sequence with a replacement, followed by the replacements, each closed by a zero byte.
/// </summary>
/// <remarks>
/// The layout is Darts-clone's: a unit holds the label in bits 0–7, a leaf mark in bit 8, and the offset to its
/// children in bits 10–30, times 256 where bit 9 is set; units of replacements have bit 31 set.
/// </remarks>
internal sealed class CharsMap
{
    private const string Field = "tokenizer.ggml.precompiled_charsmap";
    private readonly uint[] _units;
    private readonly byte[] _replacements;
    private readonly bool[] _plain = new bool[128]; // [ASCII] nothing begins with it that goes on in ASCII

    /// <summary>Reads the table; an empty one replaces nothing.</summary>
    /// <exception cref="FormatException">The table is cut short.</exception>
    public CharsMap(byte[] table)
    {
        if (table.Length == 0)
        {
            (_units, _replacements) = ([], []);
            Array.Fill(_plain, true);
            return;
        }
        uint size = table.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(table) : uint.MaxValue;
        if (size > table.Length - 4 || size % 4 != 0)
            throw new FormatException($"{Field} is {table.Length} bytes, too short for what it announces.");
        _units = new uint[size / 4];
        for (int i = 0; i < _units.Length; i++)
            _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(4 + i * 4));
        _replacements = table[(4 + (int)size)..];
        for (byte value = 1; value < _plain.Length; value++)
            _plain[value] = IsPlain(value);
    }

    /// <summary>Whether there is nothing to replace.</summary>
    public bool IsEmpty => _units.Length == 0;

    /// <summary>How many ASCII characters at the front of <paramref name="text"/> stay as they are.</summary>
    public int PlainRun(ReadOnlySpan<byte> text)
    {
        int at = 0;
        while (at < text.Length && text[at] < 128 && _plain[text[at]] && (at + 1 == text.Length || text[at + 1] < 128))
            at++;
        return at;
    }

    /// <summary>Finds the longest sequence at the front of <paramref name="text"/> that has a replacement.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="replacement">What goes in its place.</param>
    /// <returns>The sequence's length in bytes, 0 without one.</returns>
    /// <exception cref="FormatException">The table leads outside itself.</exception>
    public int Find(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> replacement)
    {
        replacement = [];
        if (IsEmpty)
            return 0;
        int longest = 0;
        uint found = 0;
        uint at = Offset(Unit(0));
        for (int i = 0; i < text.Length && text[i] != 0; i++)
        {
            at ^= text[i];
            uint unit = Unit(at);
            if ((unit & 0x800000FF) != text[i])
                break;
            at ^= Offset(unit);
            if ((unit & 0x100) == 0)
                continue;
            longest = i + 1;
            found = Unit(at) & 0x7FFFFFFF;
        }
        if (longest == 0)
            return 0;
        int end = found < _replacements.Length ? _replacements.AsSpan((int)found).IndexOf((byte)0) : -1;
        if (end < 0)
            throw new FormatException($"{Field} has no replacement at {found}.");
        replacement = _replacements.AsSpan((int)found, end);
        return longest;
    }

    private bool IsPlain(byte value)
    {
        uint at = Offset(Unit(0)) ^ value;
        if (at >= _units.Length)
            return false; // Find tells
        uint unit = _units[at];
        if ((unit & 0x800000FF) != value)
            return true;
        if ((unit & 0x100) != 0)
            return false;
        at ^= Offset(unit);
        for (uint next = 1; next < 128; next++)
            if ((at ^ next) < _units.Length && (_units[at ^ next] & 0x800000FF) == next)
                return false;
        return true;
    }

    private uint Unit(uint at) => at < (uint)_units.Length
        ? _units[at]
        : throw new FormatException($"{Field} leads to unit {at} of {_units.Length}.");

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
