using System.Runtime.InteropServices;
using Causerie.Compute.Emitted;
using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;
using V512 = System.Runtime.Intrinsics.Vector512<uint>;

namespace Causerie.Compute.Tests.Emitted;

/// <summary>Emitted code gives the bits of the managed kernel and of the scalar one, whatever tiles and records hold.</summary>
public sealed unsafe class EmittedKernelTests
{
    private const int Rows = 16;

    private static readonly int[] EveryColumns = [.. Enumerable.Range(1, 70), 512];

    [Fact]
    public void Nibbles() => Compare<Q4_0.Block, SmallTiles>(largest: 15);

    [Fact]
    public void Nibbles_with_another_offset() => Compare<TQ2_0.Block, SmallTiles>(largest: 15);

    [Fact]
    public void Nibbles_with_a_min() => Compare<Q4_K.Block, SmallTiles>(largest: 15);

    [Fact]
    public void Five_bits() => Compare<Q5_0.Block, SmallTiles>(largest: 31);

    [Fact]
    public void Five_bits_with_a_min() => Compare<Q5_K.Block, SmallTiles>(largest: 31);

    [Fact]
    public void Halves() => Compare<Q6_K.Block, HalfTiles>(largest: 63);

    [Fact]
    public void Halves_with_another_offset() => Compare<Q3_K.Block, HalfTiles>(largest: 7);

    [Fact]
    public void Halves_with_mins() => Compare<Q2_K.Block, HalfTiles>(largest: 31);

    [Fact]
    public void Bytes() => Compare<Q8_0.Block, ByteTiles>(largest: 255);

    private static void Compare<TBlock, TFamily>(int largest)
        where TBlock : struct, ITiledBlock
        where TFamily : struct, ITileFamily
    {
        Assert.SkipUnless(EmittedKernels.Run, $"{EmittedKernels.Missing}");
        var random = new Random((int)TBlock.Shape + TBlock.Offset);
        for (int count = 1; count <= 17; count++)
        {
            foreach (int columns in EveryColumns.Where(c => c <= 2 || (c + count) % 6 == 0 || c is 64 or 512))
            {
                // Most counts of columns meet a few counts of tiles: all pairs take long, and add nothing.
                if (columns == 512 && count % 8 != 0)
                    continue;
                using var tiles = new Words(count * Tile.Vectors * Rows);
                using var records = new Words(count * columns * ActivationRecord.Bytes / 4);
                Fill<TBlock>(random, tiles, records, count, columns, largest);
                CompareOne<TBlock, TFamily>(random, tiles, records, count, columns);
            }
        }
    }

    private static void Fill<TBlock>(
        Random random, Words tiles, Words records, int count, int columns, int largest)
        where TBlock : struct, ITiledBlock
    {
        for (int tile = 0; tile < count; tile++)
        {
            uint* vectors = tiles.Start + (tile * Tile.Vectors * Rows);
            int kind = random.Next(4);
            for (int i = 0; i < 8 * Rows * 4; i++)
                ((byte*)vectors)[i] = (byte)(kind switch { 0 => 0, 1 => largest, _ => random.Next(largest + 1) });
            for (int i = 8 * Rows; i < Tile.Vectors * Rows; i++)
                ((float*)vectors)[i] = Scale(random);
        }

        float* x = stackalloc float[32];
        for (int i = 0; i < count * columns; i++)
        {
            int kind = random.Next(12);
            for (int k = 0; k < 32; k++)
            {
                x[k] = kind switch
                {
                    0 => 1,
                    1 => -1,
                    2 => k % 2 == 0 ? 1 : -1,
                    3 => 0,
                    4 => k == 7 ? float.NaN : 1,
                    5 => random.NextSingle() * 1e-38f,
                    _ => random.NextSingle() - 0.5f,
                };
            }

            ActivationRecord.Quantize(
                x, TBlock.Offset, (ActivationRecord*)((byte*)records.Start + (i * ActivationRecord.Bytes)));
        }
    }

    private static float Scale(Random random) => random.Next(24) switch
    {
        0 => 0,
        1 => float.NegativeZero,
        2 => float.Epsilon,
        3 => -1e-40f,
        4 => float.MaxValue,
        5 => float.NaN,
        6 => float.NegativeInfinity,
        _ => random.NextSingle() - 0.5f,
    };

    private static void CompareOne<TBlock, TFamily>(Random random, Words tiles, Words records, int count, int columns)
        where TBlock : struct, ITiledBlock
        where TFamily : struct, ITileFamily
    {
        // A column more than the kernel may touch.
        using var start = new Words((columns + 1) * Rows);
        for (int i = 0; i < (columns + 1) * Rows; i++)
            ((float*)start.Start)[i] = Scale(random);
        using var managed = start.Copy();
        using var emitted = start.Copy();
        using var scalar = start.Copy();
        byte* record = (byte*)records.Start;
        TFamily.AddMany<TBlock, Lanes512, V512>(
            (V512*)tiles.Start, count, record, (V512*)managed.Start, columns);
        EmittedKernels.Add(TBlock.Shape, TBlock.Offset, tiles.Start, count, record, emitted.Start, columns);
        Assert.True(
            managed.Span.SequenceEqual(emitted.Span), $"{TBlock.Shape}: {count} tiles, {columns} columns, managed");

        using var row = new Words(count * Tile.Vectors);
        using var sums = new Words(columns);
        for (int r = 0; r < Rows; r++)
        {
            for (int v = 0; v < count * Tile.Vectors; v++)
                row.Start[v] = tiles.Start[(v * Rows) + r];
            for (int c = 0; c < columns; c++)
                sums.Start[c] = scalar.Start[(c * Rows) + r];
            TFamily.AddMany<TBlock, ScalarLanes, uint>(row.Start, count, record, sums.Start, columns);
            for (int c = 0; c < columns; c++)
                scalar.Start[(c * Rows) + r] = sums.Start[c];
        }

        Assert.True(
            scalar.Span.SequenceEqual(emitted.Span), $"{TBlock.Shape}: {count} tiles, {columns} columns, scalar");
    }

    /// <summary>Words at a multiple of 64 bytes, outside the managed heap.</summary>
    private sealed class Words(int count) : IDisposable
    {
        public uint* Start { get; } = (uint*)NativeMemory.AlignedAlloc((nuint)count * sizeof(uint), 64);

        public Span<uint> Span => new(Start, count);

        public Words Copy()
        {
            var copy = new Words(count);
            Span.CopyTo(copy.Span);
            return copy;
        }

        public void Dispose() => NativeMemory.AlignedFree(Start);
    }
}
