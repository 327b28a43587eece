using System.Diagnostics;
using System.Globalization;

namespace Causerie.Bench.Comparison.Measuring;

/// <summary>How much of the processors other processes use meanwhile, which spoils a measurement.</summary>
internal sealed class Neighbours
{
    /// <summary>The part of all processors up to which a measurement counts as undisturbed.</summary>
    public const double Tolerable = 0.04;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly double _busy = BusySeconds();
    private readonly double _own = Environment.CpuUsage.TotalTime.TotalSeconds;

    /// <summary>Since this object was made: 0 to 1 of all processors.</summary>
    public double Share()
    {
        double elapsed = Stopwatch.GetElapsedTime(_start).TotalSeconds * Environment.ProcessorCount;
        double others = BusySeconds() - _busy - (Environment.CpuUsage.TotalTime.TotalSeconds - _own);
        return Math.Clamp(others / elapsed, 0, 1);
    }

    /// <summary>Waits until the others pause, a few seconds at most.</summary>
    public static async Task WaitForQuietAsync()
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Patience)
        {
            var now = new Neighbours();
            await Task.Delay(250);
            if (now.Share() < Tolerable)
                return;
        }
    }

    /// <summary>Seconds that all processors together were busy, or taken away by the host, since the system began.</summary>
    private static double BusySeconds()
    {
        // cpu user nice system idle iowait irq softirq steal, in hundredths of seconds
        double[] fields =
        [
            .. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
                .Select(field => double.Parse(field, CultureInfo.InvariantCulture) / 100),
        ];
        return fields.Sum() - fields[3] - fields[4];
    }
}
