using System.Diagnostics;
using System.Globalization;

namespace Causerie.Host.Commands;

/// <summary>The memory of this process: mapped weights count as far as they were touched.</summary>
/// <param name="Peak">The most bytes that were resident at once.</param>
/// <param name="Anonymous">Bytes resident now that no file backs; null where the system does not say.</param>
internal sealed record ProcessMemory(long Peak, long? Anonymous)
{
    /// <summary>As it is now.</summary>
    public static ProcessMemory Read()
    {
        using var process = Process.GetCurrentProcess();
        string? line = OperatingSystem.IsLinux()
            ? File.ReadLines("/proc/self/status")
                .FirstOrDefault(field => field.StartsWith("RssAnon:", StringComparison.Ordinal))
            : null;
        long? kilobytes = line is null ? null : long.Parse(
            line["RssAnon:".Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        return new ProcessMemory(process.PeakWorkingSet64, kilobytes * 1024);
    }
}
