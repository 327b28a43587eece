using System.Globalization;

namespace Causerie.Compute.Threading;

/// <summary>Counts the cores that kernels should use: two hardware threads of one core share its multipliers.</summary>
internal static class PhysicalCores
{
    /// <summary>Physical cores that this process may use, by affinity and by the control group's quota.</summary>
    public static int Count()
    {
        int allowed = Environment.ProcessorCount;
        return OperatingSystem.IsLinux()
            ? Math.Clamp(CountSiblings(Allowed("/proc/self/status"), "/sys/devices/system/cpu"), 1, allowed)
            : allowed;
    }

    /// <summary>
    /// Different sets of sibling threads among <paramref name="processors"/>; all where the system names none.
    /// </summary>
    internal static int CountSiblings(IReadOnlyCollection<int> processors, string root)
    {
        var cores = new HashSet<string>();
        foreach (int processor in processors)
        {
            string path = $"{root}/cpu{processor.ToString(CultureInfo.InvariantCulture)}/topology/thread_siblings_list";
            if (!File.Exists(path))
                return processors.Count == 0 ? int.MaxValue : processors.Count;
            cores.Add(File.ReadAllText(path).Trim());
        }

        return cores.Count == 0 ? int.MaxValue : cores.Count;
    }

    /// <summary>
    /// The processors of <c>Cpus_allowed_list</c>, such as <c>0-3,8</c>; none where it cannot be read.
    /// </summary>
    internal static IReadOnlyCollection<int> Allowed(string statusPath)
    {
        const string Key = "Cpus_allowed_list:";
        if (!File.Exists(statusPath))
            return [];
        string? line = File.ReadLines(statusPath).FirstOrDefault(l => l.StartsWith(Key, StringComparison.Ordinal));
        var processors = new List<int>();
        foreach (string range in (line ?? Key)[Key.Length..].Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = range.Split('-');
            if (!int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first) ||
                !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last))
                return [];
            for (int i = first; i <= last; i++)
                processors.Add(i);
        }

        return processors;
    }
}
