using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Causerie.Compute.Bench;
using Causerie.Compute.Threading;

namespace Causerie.Bench.Comparison.Measuring;

/// <summary>What this machine can do at most with some threads.</summary>
/// <param name="Read">GB read from memory each second.</param>
/// <param name="Single">Thousand million fp32 multiply-adds each second.</param>
/// <param name="Bytes">Thousand million 8-bit multiply-adds each second; 0 where there is no instruction for them.</param>
/// <param name="BytesBy">The instruction that makes those.</param>
internal sealed record MachineLimits(double Read, double Single, double Bytes, string BytesBy)
{
    private const int Rounds = 2_000_000;

    /// <summary>The best of several tries.</summary>
    public static MachineLimits Measure(int threads)
    {
        using var pool = new WorkerPool(threads);
        var sink = new float[threads * 16];
        bool wide = Avx512F.IsSupported;
        double single = Best(pool, threads, i => sink[i * 16] = wide ? Singles512(Rounds) : Singles256(Rounds)) *
            Rounds * threads * 10 * (wide ? 16 : 8) / 1e9;
        var dots = ByteDots.Best();
        double bytes = dots is null
            ? 0
            : Best(pool, threads, _ => dots.Run(Rounds)) * Rounds * threads * dots.Products / 1e9;
        return new MachineLimits(ReadBandwidth.Measure(threads), single, bytes, dots?.Name ?? "no instruction");
    }

    /// <summary>The larger of two measurements, each for itself.</summary>
    public MachineLimits Or(MachineLimits other) =>
        new(Math.Max(Read, other.Read), Math.Max(Single, other.Single), Math.Max(Bytes, other.Bytes), BytesBy);

    private static double Best(WorkerPool pool, int threads, Action<int> work)
    {
        double best = double.MaxValue;
        for (int i = 0; i < 12; i++)
        {
            long start = Stopwatch.GetTimestamp();
            pool.Run(threads, work);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return 1 / best;
    }

    /// <summary>Ten chains of 16 lanes, enough to hide an instruction's latency.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Singles512(int rounds)
    {
        var x = Vector512.Create(1.0001f);
        var (a, b, c, d, e) = (x, x, x, x, x);
        var (f, g, h, i, j) = (x, x, x, x, x);
        for (int r = 0; r < rounds; r++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, x);
            b = Vector512.FusedMultiplyAdd(b, x, x);
            c = Vector512.FusedMultiplyAdd(c, x, x);
            d = Vector512.FusedMultiplyAdd(d, x, x);
            e = Vector512.FusedMultiplyAdd(e, x, x);
            f = Vector512.FusedMultiplyAdd(f, x, x);
            g = Vector512.FusedMultiplyAdd(g, x, x);
            h = Vector512.FusedMultiplyAdd(h, x, x);
            i = Vector512.FusedMultiplyAdd(i, x, x);
            j = Vector512.FusedMultiplyAdd(j, x, x);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j);
    }

    /// <summary>The same of 8 lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Singles256(int rounds)
    {
        var x = Vector256.Create(1.0001f);
        var (a, b, c, d, e) = (x, x, x, x, x);
        var (f, g, h, i, j) = (x, x, x, x, x);
        for (int r = 0; r < rounds; r++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, x);
            b = Vector256.FusedMultiplyAdd(b, x, x);
            c = Vector256.FusedMultiplyAdd(c, x, x);
            d = Vector256.FusedMultiplyAdd(d, x, x);
            e = Vector256.FusedMultiplyAdd(e, x, x);
            f = Vector256.FusedMultiplyAdd(f, x, x);
            g = Vector256.FusedMultiplyAdd(g, x, x);
            h = Vector256.FusedMultiplyAdd(h, x, x);
            i = Vector256.FusedMultiplyAdd(i, x, x);
            j = Vector256.FusedMultiplyAdd(j, x, x);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j);
    }
}
