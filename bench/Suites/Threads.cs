using System.Globalization;

namespace Causerie.Bench.Suites;

/// <summary>How many threads the kernels run on.</summary>
internal static class Threads
{
    /// <summary>CAUSERIE_THREADS, or one.</summary>
    public static int Number { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("CAUSERIE_THREADS"), CultureInfo.InvariantCulture, out int number)
            ? Math.Max(1, number)
            : 1;
}
