using System.Diagnostics;
using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Bench;

/// <summary>Times whole products of a random matrix in one format.</summary>
internal static class MatMulTiming
{
    private const int Columns = 2048;

    /// <summary>
    /// Bytes of weights and multiply-adds a second: of one thread by its processor time, so that other processes do
    /// not count, of several by the median call.
    /// </summary>
    public static (double Bytes, double Products) Measure(
        TensorFormat format, VectorWidth width, int threads, int megabytes, int columns)
    {
        long rowBytes = format.BytesFor(Columns);
        int rows = (int)(megabytes * (1L << 20) / rowBytes) / 16 * 16;
        string path = Path.Combine(Path.GetTempPath(), $"causerie-bench-{Environment.ProcessId}");
        byte[] bytes = new byte[rows * rowBytes];
        new Random(1).NextBytes(bytes);

        // Halves of random bits are often subnormal, which costs far more than models ever pay.
        for (int i = 1; i < bytes.Length; i += 2)
            bytes[i] = (byte)((bytes[i] & 0xBF) | 4);
        File.WriteAllBytes(path, bytes);
        try
        {
            using var file = MappedFile.Open(path);
            using var pool = new WorkerPool(threads);
            var weights = WeightMatrix.At(file, 0, format, rows, Columns);
            using var panels = WeightPanels.Of([weights]).Build(pool);
            float[] x = [.. Enumerable.Range(0, columns * Columns).Select(i => MathF.Sin(i))];
            float[] y = new float[(long)columns * rows];
            void Multiply() => MatMul.Multiply(weights, 0, rows, x, columns, y, pool, width);
            double seconds = threads == 1 ? ProcessorSeconds(Multiply) : MedianSeconds(Multiply);
            return (rows * rowBytes / seconds, (double)rows * Columns * columns / seconds);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The quietest of ten stretches.</summary>
    private static double ProcessorSeconds(Action call)
    {
        Warm(call);
        double best = double.MaxValue;
        for (int stretch = 0; stretch < 10; stretch++)
        {
            int calls = 0;
            double spent = 0;
            var start = Environment.CpuUsage.TotalTime;
            for (; spent < 0.03; calls++, spent = (Environment.CpuUsage.TotalTime - start).TotalSeconds)
                call();
            best = Math.Min(best, spent / calls);
        }

        return best;
    }

    private static double MedianSeconds(Action call)
    {
        Warm(call);
        var seconds = new List<double>();
        var clock = Stopwatch.StartNew();
        while (seconds.Count < 9 || clock.ElapsedMilliseconds < 600)
        {
            long start = Stopwatch.GetTimestamp();
            call();
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        seconds.Sort();
        return seconds[seconds.Count / 2];
    }

    /// <summary>Until the compiler's second tier has replaced the first.</summary>
    private static void Warm(Action call)
    {
        var clock = Stopwatch.StartNew();
        for (int calls = 0; calls < 40 || clock.ElapsedMilliseconds < 500; calls++)
            call();
    }
}
