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
        using var scratch = new Bytes(tiles * Tile.Vectors * 64);
        using var records = new Bytes(MostUnits * tiles * Records.Block * ActivationRecord.Bytes);
        for (int round = 0; round < 40; round++)
        {
            // Any bits are weights, and any f16 a scale: huge ones, NaN and subnormals among them.
            random.NextBytes(units.Span);
            if (round % 4 == 0)
                units.Span.Fill((byte)(round % 8 == 0 ? 0 : 255));
            int count = 1 + (round % MostUnits), columns = round < 8 ? 1 + round : 1 + random.Next(Records.Block);
            FillRecords<TBlock>(random, (ActivationRecord*)records.Start, count * tiles * columns);

            // A column more than the kernel may touch.
            using var expected = new Bytes((columns + 1) * 64);
            using var sums = new Bytes((columns + 1) * 64);
            for (int i = 0; i < (columns + 1) * Rows; i++)
                ((float*)sums.Start)[i] = random.NextSingle();
            sums.Span.CopyTo(expected.Span);
            IntegerPanel<TBlock, TFamily>.Unpack<Lanes512, V512>(units.Start, 0, count, (V512*)unpacked.Start);
            TFamily.AddMany<TBlock, Lanes512, V512>(
                (V512*)unpacked.Start, count * tiles, records.Start, (V512*)expected.Start, columns);
            EmittedUnits<TBlock>.Add(units.Start, count, records.Start, sums.Start, columns, scratch.Start);
            Assert.True(
                expected.Span.SequenceEqual(sums.Span), $"{typeof(TBlock)}: {count} units, {columns} columns, round {round}");
        }
    }

    private static void FillRecords<TBlock>(Random random, ActivationRecord* records, int count)
        where TBlock : struct, ITiledBlock
    {
        float* x = stackalloc float[ActivationRecord.Length];
        for (int i = 0; i < count; i++)
        {
            int kind = random.Next(8);
            for (int k = 0; k < ActivationRecord.Length; k++)
                x[k] = kind switch { 0 => 0, 1 => 1, 2 => -1, 3 => random.NextSingle() * 1e-38f, _ => random.NextSingle() - 0.5f };
            ActivationRecord.Quantize(x, TBlock.Offset, records + i);
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
