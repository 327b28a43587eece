using System.Diagnostics;
using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Bench;

/// <summary>Times whole calls of attention: one position at some depths, and a prompt's chunk.</summary>
internal static class AttentionTiming
{
    /// <summary>Prints a row for each shape; 32 query heads share 8 key heads.</summary>
    public static void Run()
    {
        Console.WriteLine("| keys, values | headDim | new | depth | threads | ms a call | least ms | GMAC/s |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (int dim in new[] { 64, 128 })
            foreach (var (count, depth) in new[] { (1, 512), (1, 4096), (512, 0), (512, 3584) })
                foreach (int threads in new[] { 1, 2 })
                    foreach (var element in new[] { "f16", "q8_0" })
                        Measure(element, new AttentionShape(32, 8, dim, dim, 1 / MathF.Sqrt(dim)), count, depth, threads);
    }

    private static void Measure(string element, AttentionShape shape, int count, int depth, int threads)
    {
        int length = depth + count;
        int[] table = [.. Enumerable.Range(0, KvPages.For(length))];
        using var pages = element == "f16"
            ? KvPages.F16(1, shape.KvHeads, shape.HeadDim, shape.ValueDim, table.Length)
            : KvPages.Q8_0(1, shape.KvHeads, shape.HeadDim, shape.ValueDim, table.Length);
        var kv = pages.View(0, table);
        using var pool = new WorkerPool(threads);
        float[] q = [.. Enumerable.Range(0, count * shape.Heads * shape.HeadDim).Select(i => MathF.Sin(i))];
        float[] k = [.. Enumerable.Range(0, length * shape.KvHeads * shape.HeadDim).Select(i => MathF.Cos(i * 3))];
        float[] v = [.. Enumerable.Range(0, length * shape.KvHeads * shape.ValueDim).Select(i => MathF.Sin(i * 5))];
        kv.Store(0, length, k, v, pool);
        float[] output = new float[count * shape.Heads * shape.ValueDim];
        var seconds = new List<double>();
        var clock = Stopwatch.StartNew();
        while (seconds.Count < 7 || clock.ElapsedMilliseconds < 700)
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
            $"| {element} | {shape.HeadDim} | {count} | {depth} | {threads} | {median * 1e3:F3} | {late[0] * 1e3:F3} | {products / median / 1e9:F1} |"));
    }
}
