using System.Runtime.InteropServices;

namespace Causerie.Bench.Comparison.Measuring;

/// <summary>The parts of files that the system keeps in memory.</summary>
internal static class PageCache
{
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED on Linux

    /// <summary>Lets go of a file, so that the next reader must fetch it.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void Drop(string path)
    {
        using var handle = File.OpenHandle(path);
        int problem = Advise((int)handle.DangerousGetHandle(), 0, 0, DontNeed);
        if (problem != 0)
            throw new IOException($"{path} could not be dropped from the page cache (errno {problem}).");
    }

    [DllImport("libc", EntryPoint = "posix_fadvise"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Advise(int file, long offset, long length, int advice);
}
