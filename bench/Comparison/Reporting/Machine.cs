using System.Globalization;
using System.Runtime.InteropServices;

namespace Causerie.Bench.Comparison.Reporting;

/// <summary>What a reader must know of the machine.</summary>
internal static class Machine
{
    /// <summary>The processor's name, kind and number.</summary>
    public static string Processor
    {
        get
        {
            var fields = File.ReadLines("/proc/cpuinfo").TakeWhile(line => line.Length > 0)
                .Select(line => line.Split(':', 2)).Where(pair => pair.Length == 2)
                .ToDictionary(pair => pair[0].Trim(), pair => pair[1].Trim());
            string kind = $"family {fields["cpu family"]}, model {fields["model"]}";
            return $"{fields["model name"]} ({kind}), {Environment.ProcessorCount} processors";
        }
    }

    /// <summary>How much memory there is.</summary>
    public static string Memory
    {
        get
        {
            string line = File.ReadLines("/proc/meminfo").First(line => line.StartsWith("MemTotal:", StringComparison.Ordinal));
            double kilobytes = double.Parse(line["MemTotal:".Length..^"kB".Length], CultureInfo.InvariantCulture);
            return string.Create(CultureInfo.InvariantCulture, $"{kilobytes / (1 << 20):F1} GiB of memory");
        }
    }

    /// <summary>The .NET runtime and the system.</summary>
    public static string Runtime => $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}";
}
