using System.Diagnostics;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Bench;

/// <summary>Times runs of the pool that do nothing: what each of a token's hundred runs costs beside its work.</summary>
internal static class JoinTiming
{
    private const int Runs = 20_000;

    /// <summary>Prints nanoseconds a run, the median and the least of some stretches.</summary>
    public static void Run()
    {
        Console.WriteLine("| threads | ns a run | least |\n|---|---|---|");
        foreach (int threads in new[] { 1, 2 })
        {
            using var pool = new WorkerPool(threads);
            var stretches = new List<double>();
            for (int stretch = 0; stretch < 31; stretch++)
            {
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < Runs; i++)
                {
                    var nothing = default(Nothing);
                    pool.Run(threads, ref nothing);
                }

                stretches.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds / Runs);
            }

            stretches.Sort();
            Console.WriteLine(FormattableString.Invariant($"| {threads} | {stretches[15]:F0} | {stretches[0]:F0} |"));
        }
    }

    private struct Nothing : IChunkedWork
    {
        public readonly void Run(int chunk, int worker)
        {
        }
    }
}
