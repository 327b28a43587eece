using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Bench;

/// <summary>How fast this machine reads memory: the limit of generation.</summary>
internal static class ReadBandwidth
{
    /// <summary>GB/s, the best of some passes over 1 GB, more than any cache holds, in <paramref name="threads"/> parts.</summary>
    public static unsafe double Measure(int threads)
    {
        const long Bytes = 1L << 30;
        byte* data = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, 64);
        NativeMemory.Fill(data, (nuint)Bytes, 1);
        using var pool = new WorkerPool(threads);
        long part = Bytes / threads;
        var sums = new ulong[threads * 16];
        double best = 0;
        for (int pass = 0; pass < 6; pass++)
        {
            long start = Stopwatch.GetTimestamp();
            pool.Run(threads, i => sums[i * 16] += Sum(data + (i * part), part));
            best = Math.Max(best, Bytes / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
        }

        NativeMemory.AlignedFree(data);
        return best;
    }

    private static unsafe ulong Sum(byte* data, long bytes)
    {
        var (a, b, c, d) = (Vector512<ulong>.Zero, Vector512<ulong>.Zero, Vector512<ulong>.Zero, Vector512<ulong>.Zero);
        for (long i = 0; i < bytes; i += 256)
        {
            a ^= Vector512.Load((ulong*)(data + i));
            b ^= Vector512.Load((ulong*)(data + i + 64));
            c ^= Vector512.Load((ulong*)(data + i + 128));
            d ^= Vector512.Load((ulong*)(data + i + 192));
        }

        return Vector512.Sum(a ^ b ^ c ^ d);
    }
}
