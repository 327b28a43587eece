using System.Diagnostics;
using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Bench;

/// <summary>Times whole calls of attention: one position at some depths, and a prompt's chunk.</summary>
internal static class AttentionTiming
{
    public static void Run()
    {
        Console.WriteLine("| headDim | new | depth | threads | ms a call | least ms | GMAC/s |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (int dim in new[] { 64, 128 })
            foreach (var (count, depth) in new[] { (1, 512), (1, 4096), (512, 0), (512, 3584) })
                foreach (int threads in new[] { 1, 2 })
                    Measure(KvTiles.F16(8, dim, dim), new AttentionShape(32, 8, dim, dim, 1 / MathF.Sqrt(dim)), count, depth, threads);
    }

    private static void Measure(KvTiles kv, AttentionShape shape, int count, int depth, int threads)
    {
        int length = depth + count;
        using var pool = new WorkerPool(threads);
        float[] q = [.. Enumerable.Range(0, count * shape.Heads * shape.HeadDim).Select(i => MathF.Sin(i))];
        float[] k = [.. Enumerable.Range(0, length * shape.KvHeads * shape.HeadDim).Select(i => MathF.Cos(i * 3))];
        float[] v = [.. Enumerable.Range(0, length * shape.KvHeads * shape.ValueDim).Select(i => MathF.Sin(i * 5))];
        kv.Reserve(length);
        kv.Store(0, length, k, v, pool);
        float[] output = new float[count * shape.Heads * shape.ValueDim];
        var seconds = new List<double>();
        var clock = Stopwatch.StartNew();
        while (seconds.Count < 9 || clock.ElapsedMilliseconds < 1500)
        {
            long start = Stopwatch.GetTimestamp();
            Attention.Run(shape, q, kv, count, length, [], output, pool);
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        var late = seconds.Skip(seconds.Count / 3).Order().ToList();
        double median = late[late.Count / 2];
        double pairs = ((double)count * depth) + (count * (count + 1) / 2.0);
        double products = pairs * shape.Heads * (shape.HeadDim + shape.ValueDim);
        Console.WriteLine(FormattableString.Invariant(
            $"| {shape.HeadDim} | {count} | {depth} | {threads} | {median * 1e3:F3} | {late[0] * 1e3:F3} | {products / median / 1e9:F1} |"));
    }
}
