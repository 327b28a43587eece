using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>
/// Sixteen rows of a matrix side by side: the order in which kernels read weights, with every byte of the file's.
/// </summary>
/// <remarks>
/// A row is a run of units: a block, or 32 weights where an encoding has no blocks. In a panel the units of sixteen rows
/// lie word by word: 4 bytes of row 0, 4 of row 1, … 4 of row 15, then the next 4 of each. So one vector of 512 bits
/// holds the same word of sixteen rows, and a product reads memory from front to back: where a kernel needs words in
/// another order than the file's, the panel has that order, since a processor foresees no other. One or two bytes that
/// do not fill a word, such as a lone f16 scale, come first in the unit, row by row. Rows that the last panel lacks are
/// zeros.
/// </remarks>
internal sealed class PanelLayout
{
    /// <summary>Rows of a panel.</summary>
    public const int Rows = 16;

    /// <summary>Bytes of one word of all rows.</summary>
    public const int WordBytes = 4 * Rows;

    private readonly int[] _words; // [words] where each word of the panel stands in the unit, in words
    private readonly int _wordsAt;
    private readonly int _oddAt;

    /// <summary>A layout.</summary>
    /// <param name="length">Weights of a unit.</param>
    /// <param name="bytes">Bytes of a unit.</param>
    /// <param name="oddFirst">Whether the bytes that do not fill a word stand before the words in a row, or after them.</param>
    /// <param name="runs">First word and number of words of each run, in the panel's order; none is the file's order.</param>
    /// <exception cref="ArgumentException">The runs are not all words once.</exception>
    public PanelLayout(int length, int bytes, bool oddFirst, ReadOnlySpan<byte> runs)
    {
        Length = length;
        Bytes = bytes;
        _wordsAt = oddFirst ? Odd : 0;
        _oddAt = oddFirst ? 0 : Words * 4;
        var words = new List<int>();
        for (int i = 0; i < runs.Length; i += 2)
            words.AddRange(Enumerable.Range(runs[i], runs[i + 1]));
        if (runs.IsEmpty)
            words.AddRange(Enumerable.Range(0, Words));
        if (!words.Order().SequenceEqual(Enumerable.Range(0, Words)))
            throw new ArgumentException($"The runs name other words than 0 to {Words - 1}, each once.", nameof(runs));
        _words = [.. words];
    }

    /// <summary>Weights of a unit.</summary>
    public int Length { get; }

    /// <summary>Bytes of a unit.</summary>
    public int Bytes { get; }

    /// <summary>Words of a unit.</summary>
    public int Words => Bytes / 4;

    /// <summary>Bytes of a unit that do not fill a word.</summary>
    public int Odd => Bytes % 4;

    /// <summary>Bytes of a unit of all rows.</summary>
    public int UnitBytes => Bytes * Rows;

    /// <summary>Tells this order of bytes from every other, so that panels kept in another one are not taken for these.</summary>
    public ulong Fingerprint
    {
        get
        {
            ulong hash = 14695981039346656037; // FNV-1a, word by word
            foreach (int part in (ReadOnlySpan<int>)[Rows, Length, Bytes, _wordsAt, _oddAt, .. _words])
                hash = (hash ^ (uint)part) * 1099511628211;
            return hash;
        }
    }

    /// <summary>Bytes of a matrix in panels.</summary>
    /// <exception cref="OverflowException">It exceeds 64 bits.</exception>
    public static long BytesOf(int rows, long rowBytes) =>
        checked(((long)rows + Rows - 1) / Rows * Rows * rowBytes);

    /// <summary>Puts units of up to sixteen rows side by side.</summary>
    /// <param name="source">The first unit of the first row.</param>
    /// <param name="stride">Bytes from a row to the next.</param>
    /// <param name="rows">1 to 16; the others become zeros.</param>
    /// <param name="units">Units of each row.</param>
    /// <param name="target">[units, <see cref="UnitBytes"/>], overwritten.</param>
    public unsafe void Pack(byte* source, nint stride, int rows, int units, byte* target)
    {
        if (rows < Rows)
            NativeMemory.Clear(target, (nuint)UnitBytes * (nuint)units);
        int row = 0;
        for (; row + 4 <= rows; row += 4)
            PackFour(source + (stride * row), stride, units, target, row);
        for (; row < rows; row++)
            for (int unit = 0; unit < units; unit++)
                PackOne(source + (stride * row) + ((nint)Bytes * unit), target + ((nint)UnitBytes * unit), row);
    }

    /// <summary>Takes one row's unit out of a panel.</summary>
    /// <param name="unit">[<see cref="UnitBytes"/>].</param>
    /// <param name="row">0 to 15.</param>
    /// <param name="block">[<see cref="Bytes"/>], overwritten.</param>
    public unsafe void Take(byte* unit, int row, Span<byte> block)
    {
        fixed (byte* target = block)
        {
            for (int i = 0; i < Odd; i++)
                target[_oddAt + i] = unit[(Odd * row) + i];
            var words = (uint*)(unit + (Odd * Rows)) + row;
            foreach (int word in _words)
            {
                *(uint*)(target + _wordsAt + (4 * word)) = *words;
                words += Rows;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void PackOne(byte* source, byte* target, int row)
    {
        PackOdd(source, target, row);
        var to = (uint*)(target + (Odd * Rows)) + row;
        foreach (int word in _words)
        {
            *to = *(uint*)(source + _wordsAt + (4 * word));
            to += Rows;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe void PackOdd(byte* source, byte* target, int row)
    {
        for (int i = 0; i < Odd; i++)
            target[(Odd * row) + i] = source[_oddAt + i];
    }

    /// <summary>Four rows at once, four words of each at a time where they are neighbours: a transposition in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // A model is arranged before a second tier would be ready.
    private unsafe void PackFour(byte* source, nint stride, int units, byte* target, int row)
    {
        int odd = Odd, unitBytes = UnitBytes;
        byte* firstWord = target + (odd * Rows) + (4 * row);
        ReadOnlySpan<int> words = _words;
        for (; units > 0; units--, source += Bytes, target += unitBytes, firstWord += unitBytes)
        {
            for (int r = 0; r < 4 && odd > 0; r++)
                PackOdd(source + (stride * r), target, row + r);
            byte* to = firstWord;
            for (int i = 0; i < words.Length;)
            {
                byte* from = source + _wordsAt + (4 * words[i]);
                if (i + 4 <= words.Length && words[i + 3] == words[i] + 3)
                {
                    PackSixteen(from, stride, to);
                    i += 4;
                    to += 4 * WordBytes;
                    continue;
                }

                for (int r = 0; r < 4; r++)
                    ((uint*)to)[r] = *(uint*)(from + (stride * r));
                i++;
                to += WordBytes;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void PackSixteen(byte* from, nint stride, byte* to)
    {
        var a = Vector128.Load((uint*)from);
        var b = Vector128.Load((uint*)(from + stride));
        var c = Vector128.Load((uint*)(from + (2 * stride)));
        var d = Vector128.Load((uint*)(from + (3 * stride)));
        var lowAb = Lanes128.ZipLow(a, b).AsUInt64();
        var lowCd = Lanes128.ZipLow(c, d).AsUInt64();
        var highAb = Lanes128.ZipHigh(a, b).AsUInt64();
        var highCd = Lanes128.ZipHigh(c, d).AsUInt64();
        Vector128.Create(lowAb.GetLower(), lowCd.GetLower()).AsUInt32().Store((uint*)to);
        Vector128.Create(lowAb.GetUpper(), lowCd.GetUpper()).AsUInt32().Store((uint*)(to + WordBytes));
        Vector128.Create(highAb.GetLower(), highCd.GetLower()).AsUInt32().Store((uint*)(to + (2 * WordBytes)));
        Vector128.Create(highAb.GetUpper(), highCd.GetUpper()).AsUInt32().Store((uint*)(to + (3 * WordBytes)));
    }
}
