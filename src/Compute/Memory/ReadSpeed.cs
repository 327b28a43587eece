using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Memory;

/// <summary>How fast this machine reads its memory, which bounds how fast a model that does not fit a cache can write.</summary>
public static unsafe class ReadSpeed
{
    private const long Bytes = 256L << 20; // more than caches hold
    private const int Passes = 3;

    /// <summary>Bytes a second on all threads of a pool: the best of a few passes, about a tenth of a second in all.</summary>
    /// <param name="pool">The threads.</param>
    /// <exception cref="OutOfMemoryException">There are no 256 MB to read.</exception>
    public static double Measure(WorkerPool pool)
    {
        void* data = NativeMemory.AlignedAlloc((nuint)Bytes, 4096);
        try
        {
            int parts = pool.Threads * 16;
            long part = Bytes / parts / 128 * 128;
            var sums = new ulong[parts * 16];
            pool.Run(parts, i => NativeMemory.Fill((byte*)data + (i * part), (nuint)part, 1));
            double best = 0;
            for (int pass = 0; pass < Passes; pass++)
            {
                long start = Stopwatch.GetTimestamp();
                pool.Run(parts, i => sums[i * 16] += Sum((byte*)data + (i * part), part));
                best = Math.Max(best, part * parts / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
            return best;
        }
        finally
        {
            NativeMemory.AlignedFree(data);
        }
    }

    private static ulong Sum(byte* data, long bytes)
    {
        var (a, b, c, d) = (Vector256<ulong>.Zero, Vector256<ulong>.Zero, Vector256<ulong>.Zero, Vector256<ulong>.Zero);
        for (long i = 0; i < bytes; i += 128)
        {
            a ^= Vector256.Load((ulong*)(data + i));
            b ^= Vector256.Load((ulong*)(data + i + 32));
            c ^= Vector256.Load((ulong*)(data + i + 64));
            d ^= Vector256.Load((ulong*)(data + i + 96));
        }
        return Vector256.Sum(a ^ b ^ c ^ d);
    }
}
