using System.Diagnostics;
using System.Runtime.InteropServices;
using Causerie.Compute.Emitted;
using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;
using V512 = System.Runtime.Intrinsics.Vector512<uint>;

namespace Causerie.Compute.Bench;

/// <summary>
/// Times the integer kernels alone, everything in the first-level cache: managed from tiles, emitted from panels.
/// </summary>
internal static unsafe class TileTiming
{
    private const int Tiles = 8;

    /// <summary>Prints a row for each shape of tile.</summary>
    public static void Run()
    {
        Console.WriteLine(Instructions.Description);
        Console.WriteLine(
            "| shape | managed, 64 columns GMAC/s | emitted | managed, 4 columns | emitted | managed, 1 column | emitted |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        Measure<Q4_0.Block, SmallTiles>();
        Measure<Q4_K.Block, SmallTiles>();
        Measure<Q5_0.Block, SmallTiles>();
        Measure<Q5_K.Block, SmallTiles>();
        Measure<Q6_K.Block, HalfTiles>();
        Measure<Q2_K.Block, HalfTiles>();
        Measure<Q8_0.Block, ByteTiles>();
    }

    private static void Measure<TBlock, TFamily>()
        where TBlock : struct, ITiledBlock
        where TFamily : struct, ITileFamily
    {
        var results = new List<string>();
        foreach (int columns in new[] { 64, 4, 1 })
        {
            using var operands = new Operands(columns);
            byte* tiles = operands.Tiles;
            byte* records = operands.Records;
            byte* sums = operands.Sums;
            byte* units = operands.Units;
            byte* scratch = operands.Scratch;
            void Managed() => IntegerPanel<TBlock, TFamily>.Add<Lanes512, V512>(
                (V512*)tiles, Tiles, records, (V512*)sums, columns);
            void Emitted() =>
                EmittedUnits<TBlock>.Add(units, Tiles * 32 / TBlock.Length, records, sums, columns, scratch);
            var (managed, emitted) = Best(Managed, EmittedUnits<TBlock>.Run ? Emitted : Managed, columns == 64 ? 8 : 64);
            double products = (double)Tiles * 512 * columns / 1e9;
            results.Add(FormattableString.Invariant($"{products / managed:F0} | {products / emitted:F0}"));
        }

        Console.WriteLine($"| {TBlock.Shape} | {string.Join(" | ", results)} |");
    }

    /// <summary>Seconds a call, the best of many short stretches that take turns.</summary>
    private static (double A, double B) Best(Action a, Action b, int calls)
    {
        var (bestA, bestB) = (double.MaxValue, double.MaxValue);
        for (int stretch = 0; stretch < 3000; stretch++)
        {
            bestA = Math.Min(bestA, Time(a, calls));
            bestB = Math.Min(bestB, Time(b, calls));
        }

        return (bestA, bestB);
    }

    private static double Time(Action call, int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
            call();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / calls;
    }

    private sealed class Operands(int columns) : IDisposable
    {
        public byte* Tiles { get; } = Zeros(TileTiming.Tiles * Tile.Vectors * 64);

        public byte* Records { get; } = Zeros(TileTiming.Tiles * columns * ActivationRecord.Bytes);

        public byte* Sums { get; } = Zeros(columns * 64);

        /// <summary>As many bytes as eight tiles take in any format.</summary>
        public byte* Units { get; } = Zeros(TileTiming.Tiles * 64 * PanelLayout.Rows);

        public byte* Scratch { get; } = Zeros(32 * 1024);

        public void Dispose()
        {
            NativeMemory.AlignedFree(Tiles);
            NativeMemory.AlignedFree(Records);
            NativeMemory.AlignedFree(Sums);
            NativeMemory.AlignedFree(Units);
            NativeMemory.AlignedFree(Scratch);
        }

        private static byte* Zeros(int bytes)
        {
            byte* start = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 4096);
            NativeMemory.Clear(start, (nuint)bytes);
            return start;
        }
    }
}
