using System.Diagnostics;
using System.Runtime.InteropServices;
using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;
using V512 = System.Runtime.Intrinsics.Vector512<uint>;

namespace Causerie.Compute.Bench;

internal static unsafe class OneTiming
{
    public static void Run()
    {
        Time<Q4_0.Block, SmallTiles>(32);
        Time<Q4_K.Block, SmallTiles>(4);
        Time<Q5_K.Block, SmallTiles>(4);
        Time<Q6_K.Block, HalfTiles>(4);
        Time<Q3_K.Block, HalfTiles>(4);
        Time<Q8_0.Block, ByteTiles>(32);
        Time<Q5_0.Block, SmallTiles>(32);
    }

    private static void Time<TBlock, TFamily>(int units)
        where TBlock : struct, ITiledBlock
        where TFamily : struct, ITileFamily
    {
        byte* data = (byte*)NativeMemory.AlignedAlloc(1 << 20, 4096);
        var random = new Random(1);
        for (int i = 0; i < 1 << 20; i++)
            data[i] = (byte)((random.Next(256) & 0xBF) | 4);
        byte* records = (byte*)NativeMemory.AlignedAlloc(1 << 16, 4096);
        for (int i = 0; i < 1 << 16; i += 4)
            *(float*)(records + i) = 0.5f;
        byte* scratch = (byte*)NativeMemory.AlignedAlloc(1 << 16, 4096) + 4096;
        foreach (int offset in new[] { 0, 32 })
        {
            V512 sum = default;
            double best = double.MaxValue;
            for (int stretch = 0; stretch < 2000; stretch++)
            {
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < 10; i++)
                    sum = IntegerPanel<TBlock, TFamily>.AddOne<Lanes512, V512>(data + offset, 0, units, records, (V512*)scratch, sum);
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds / 10);
            }

            int tiles = units * TBlock.Length / 32;
            Console.WriteLine($"{typeof(TBlock).DeclaringType!.Name} +{offset}: {best * 1e9 / tiles:F2} ns a tile, {tiles * 512 / best / 1e9:F1} GMAC/s, {units * TBlock.Bytes * 16 / best / 1e9:F1} GB/s  {sum}"[..70]);
        }
    }
}
