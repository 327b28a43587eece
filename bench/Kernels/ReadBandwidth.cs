using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Bench;

/// <summary>How fast this machine reads memory: the limit of generation.</summary>
internal static class ReadBandwidth
{
    private const int LeastPasses = 8;
    private const int MostPasses = 40;
    private const int HugePages = 14; // MADV_HUGEPAGE on Linux

    /// <summary>
    /// GB/s, the best of the passes over 1 GB, more than any cache holds, until several in a row bring nothing more.
    /// </summary>
    /// <remarks>The parts are small, so that a thread which others disturb leaves its share to the rest.</remarks>
    public static unsafe double Measure(int threads)
    {
        const long Bytes = 1L << 30;
        byte* data = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, 1 << 21);
        if (OperatingSystem.IsLinux())
            _ = Advise((nint)data, (nuint)Bytes, HugePages); // As much as a program can get; it may be refused.
        NativeMemory.Fill(data, (nuint)Bytes, 1);
        using var pool = new WorkerPool(threads);
        int parts = threads * 32;
        long part = Bytes / parts & ~255L;
        var sums = new ulong[parts * 16];
        double best = 0;
        for (int pass = 0, idle = 0; pass < LeastPasses || (idle < LeastPasses && pass < MostPasses); pass++)
        {
            long start = Stopwatch.GetTimestamp();
            pool.Run(parts, i => sums[i * 16] += Sum(data + (i * part), part));
            double rate = part * parts / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
            idle = rate > best * 1.005 ? 0 : idle + 1;
            best = Math.Max(best, rate);
        }

        NativeMemory.AlignedFree(data);
        return best;
    }

    [DllImport("libc", EntryPoint = "madvise"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Advise(nint address, nuint bytes, int advice);

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
