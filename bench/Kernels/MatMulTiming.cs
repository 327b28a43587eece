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

    /// <summary>Bytes of weights and multiply-adds a second, from the median of at least nine calls.</summary>
    public static (double Bytes, double Products) Measure(
        TensorFormat format, VectorWidth width, int threads, int megabytes, int columns)
    {
        long rowBytes = format.BytesFor(Columns);
        int rows = (int)(megabytes * (1L << 20) / rowBytes) / 16 * 16;
        string path = Path.Combine(Path.GetTempPath(), $"causerie-bench-{Environment.ProcessId}");
        byte[] bytes = new byte[rows * rowBytes];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(path, bytes);
        try
        {
            using var file = MappedFile.Open(path);
            using var pool = new WorkerPool(threads);
            var weights = WeightMatrix.At(file, 0, format, rows, Columns);
            float[] x = [.. Enumerable.Range(0, columns * Columns).Select(i => MathF.Sin(i))];
            float[] y = new float[(long)columns * rows];
            var clock = Stopwatch.StartNew();
            while (clock.ElapsedMilliseconds < 700)
                MatMul.Multiply(weights, x, columns, y, pool, width);
            var seconds = new List<double>();
            clock.Restart();
            while (seconds.Count < 9 || clock.ElapsedMilliseconds < 600)
            {
                long start = Stopwatch.GetTimestamp();
                MatMul.Multiply(weights, x, columns, y, pool, width);
                seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            seconds.Sort();
            double median = seconds[seconds.Count / 2];
            return (rows * rowBytes / median, (double)rows * Columns * columns / median);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
