using System.Diagnostics;
using Causerie.Compute.Gradients;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Bench;

/// <summary>The three products of a training step, against the peak of multiply-adds that registers alone reach.</summary>
internal static class GemmTiming
{
    private const int Tokens = 4096;
    private const int Stretches = 30;

    /// <summary>Prints a row for each shape.</summary>
    /// <param name="threads">Threads.</param>
    public static void Run(int threads)
    {
        double peak = FloatPeak.Measure() * threads;
        Console.WriteLine(FormattableString.Invariant(
            $"{threads} threads; peak {2 * peak / 1e9:F0} GFLOP/s (one thread's, times {threads})"));
        Console.WriteLine("| product | m × n × k | median GFLOP/s | share of the peak |\n|---|---|--:|--:|");
        using var pool = new WorkerPool(threads);
        foreach (var (name, inputs, outputs, tokens) in new[]
        {
            ("queries", 256, 256, Tokens), ("gate", 256, 704, Tokens), ("down", 704, 256, Tokens), ("head", 256, 4096, 512),
        })
        {
            float[] x = Numbers(tokens * inputs), w = Numbers(outputs * inputs), y = Numbers(tokens * outputs);
            double products = (double)tokens * inputs * outputs;
            Row($"{name}, forward", $"{tokens} × {outputs} × {inputs}", () => Gemm.Multiply(
                new FloatMatrix(x, tokens, inputs), new FloatMatrix(w, outputs, inputs).Transposed, y, outputs, false, pool));
            Row($"{name}, of inputs", $"{tokens} × {inputs} × {outputs}", () => Gemm.Multiply(
                new FloatMatrix(y, tokens, outputs), new FloatMatrix(w, outputs, inputs), x, inputs, false, pool));
            Row($"{name}, of weights", $"{outputs} × {inputs} × {tokens}", () => Gemm.Multiply(
                new FloatMatrix(y, tokens, outputs).Transposed, new FloatMatrix(x, tokens, inputs), w, inputs, false, pool));

            void Row(string product, string shape, Action multiply)
            {
                double rate = products / Median(multiply);
                Console.WriteLine(FormattableString.Invariant(
                    $"| {product} | {shape} | {2 * rate / 1e9:F0} | {100 * rate / peak:F0} % |"));
            }
        }
    }

    private static double Median(Action action)
    {
        var seconds = new double[Stretches];
        for (int i = -3; i < Stretches; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            if (i >= 0)
                seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        Array.Sort(seconds);
        return seconds[Stretches / 2];
    }

    private static float[] Numbers(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }
}
