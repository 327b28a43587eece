using System.Runtime.InteropServices;
using Causerie.Compute.Emitted;
using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;
using V512 = System.Runtime.Intrinsics.Vector512<uint>;

namespace Causerie.Compute.Tests.Emitted;

/// <summary>Unpacking in emitted code gives the bits of unpacking to tiles and multiplying those, in every tiled format.</summary>
public sealed unsafe class EmittedUnitTests
{
    private const int Rows = PanelLayout.Rows;
    private const int MostUnits = 3;

    [Fact]
    public void Q2() => Compare<Q2_K.Block, HalfTiles>();

    [Fact]
    public void Q3() => Compare<Q3_K.Block, HalfTiles>();

    [Fact]
    public void Q4_without_superblocks() => Compare<Q4_0.Block, SmallTiles>();

    [Fact]
    public void Q4_without_superblocks_and_with_a_min() => Compare<Q4_1.Block, SmallTiles>();

    [Fact]
    public void Q4() => Compare<Q4_K.Block, SmallTiles>();

    [Fact]
    public void Q5_without_superblocks() => Compare<Q5_0.Block, SmallTiles>();

    [Fact]
    public void Q5_without_superblocks_and_with_a_min() => Compare<Q5_1.Block, SmallTiles>();

    [Fact]
    public void Q5() => Compare<Q5_K.Block, SmallTiles>();

    [Fact]
    public void Q6() => Compare<Q6_K.Block, HalfTiles>();

    [Fact]
    public void Q8() => Compare<Q8_0.Block, ByteTiles>();

    [Fact]
    public void Iq4_nl() => Compare<IQ4_NL.Block, ByteTiles>();

    [Fact]
    public void Iq4_xs() => Compare<IQ4_XS.Block, ByteTiles>();

    [Fact]
    public void Mxfp4() => Compare<MXFP4.Block, ByteTiles>();

    [Fact]
    public void Tq2() => Compare<TQ2_0.Block, SmallTiles>();

    [Fact]
    public void Every_tiled_format_has_a_test_here()
    {
        int formats = typeof(ITiledBlock).Assembly.GetTypes().Count(type =>
            type.IsValueType && type.IsAssignableTo(typeof(ITiledBlock)));
        Assert.Equal(formats + 1, typeof(EmittedUnitTests).GetMethods().Count(m => m.IsDefined(typeof(FactAttribute), false)));
    }

    private static void Compare<TBlock, TFamily>()
        where TBlock : struct, ITiledBlock
        where TFamily : struct, ITileFamily
    {
        Assert.SkipUnless(EmittedKernels.Run, $"{EmittedKernels.Missing}");
        Assert.True(EmittedUnits<TBlock>.Run);
        int tiles = TBlock.Length / 32, unitBytes = TBlock.Bytes * Rows;
        var random = new Random(TBlock.Bytes);
        using var units = new Bytes(MostUnits * unitBytes);
        using var unpacked = new Bytes(MostUnits * tiles * Tile.Vectors * 64);
        using var scratch = new Bytes((int)EmittedUnits<TBlock>.ScratchBytes);
        using var records = new Bytes(MostUnits * tiles * Records.Block * ActivationRecord.Bytes);
        for (int round = 0; round < 40; round++)
        {
            // Any bits are weights, and any f16 a scale: huge ones, NaN and subnormals among them.
            random.NextBytes(units.Span);
            if (round % 4 == 0)
                units.Span.Fill((byte)(round % 8 == 0 ? 0 : 255));
            int count = 1 + (round % MostUnits), columns = round < 8 ? 1 + round : 1 + random.Next(Records.Block);
            FillRecords<TBlock>(random, records.Start, count * tiles, columns);

            // A column more than the kernel may touch.
            using var expected = new Bytes((columns + 1) * 64);
            using var sums = new Bytes((columns + 1) * 64);
            using var scalar = new Bytes((columns + 1) * 64);
            for (int i = 0; i < (columns + 1) * Rows; i++)
                ((float*)sums.Start)[i] = random.NextSingle();
            sums.Span.CopyTo(expected.Span);
            sums.Span.CopyTo(scalar.Span);
            IntegerPanel<TBlock, TFamily>.Unpack<Lanes512, V512>(units.Start, 0, count, (V512*)unpacked.Start);
            IntegerPanel<TBlock, TFamily>.Add<Lanes512, V512>(
                (V512*)unpacked.Start, count * tiles, records.Start, (V512*)expected.Start, columns);
            AddScalar<TBlock, TFamily>(units.Start, count, records.Start, (uint*)scalar.Start, columns);
            EmittedUnits<TBlock>.Add(units.Start, count, records.Start, sums.Start, columns, scratch.Start);
            string message = $"{typeof(TBlock)}: {count} units, {columns} columns, round {round}";
            Assert.True(expected.Span.SequenceEqual(sums.Span), $"{message}, managed");
            Assert.True(scalar.Span.SequenceEqual(sums.Span), $"{message}, scalar");
        }
    }

    /// <summary>Row after row.</summary>
    private static void AddScalar<TBlock, TFamily>(byte* units, int count, byte* records, uint* sums, int columns)
        where TBlock : struct, ITiledBlock
        where TFamily : struct, ITileFamily
    {
        int tiles = count * TBlock.Length / 32;
        using var unpacked = new Bytes(tiles * Tile.Vectors * sizeof(uint));
        using var row = new Bytes(columns * sizeof(uint));
        var own = (uint*)row.Start;
        for (int r = 0; r < Rows; r++)
        {
            IntegerPanel<TBlock, TFamily>.Unpack<ScalarLanes, uint>(units, r, count, (uint*)unpacked.Start);
            for (int c = 0; c < columns; c++)
                own[c] = sums[(c * Rows) + r];
            IntegerPanel<TBlock, TFamily>.Add<ScalarLanes, uint>((uint*)unpacked.Start, tiles, records, own, columns);
            for (int c = 0; c < columns; c++)
                sums[(c * Rows) + r] = own[c];
        }
    }

    private static void FillRecords<TBlock>(Random random, byte* records, int count, int columns)
        where TBlock : struct, ITiledBlock
    {
        int together = TBlock.Length / 32, length = together * ActivationRecord.Length;
        float* x = stackalloc float[length];
        for (int set = 0; set < count / together; set++)
        {
            for (int c = 0; c < columns; c++)
            {
                int kind = random.Next(12);
                for (int k = 0; k < length; k++)
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
                byte* record = records + ((((long)set * together * columns) + c) * ActivationRecord.Bytes);
                ActivationRecord.Quantize(x, together, TBlock.Offset, record, columns * ActivationRecord.Bytes);
            }
        }
    }

    /// <summary>At a multiple of 64 bytes, outside the managed heap.</summary>
    private sealed class Bytes(int count) : IDisposable
    {
        public byte* Start { get; } = (byte*)NativeMemory.AlignedAlloc((nuint)count, 64);

        public Span<byte> Span => new(Start, count);

        public void Dispose() => NativeMemory.AlignedFree(Start);
    }
}
