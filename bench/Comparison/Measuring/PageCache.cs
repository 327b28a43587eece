using System.Runtime.InteropServices;

namespace Causerie.Bench.Comparison.Measuring;

/// <summary>The parts of files that the system keeps in memory.</summary>
internal static class PageCache
{
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED on Linux
    private const int Read = 1; // PROT_READ
    private const int Shared = 1; // MAP_SHARED

    /// <summary>Lets go of a file, so that the next reader must fetch it.</summary>
    /// <returns>The part that stayed all the same, 0 to 1: other programs have it mapped.</returns>
    /// <exception cref="IOException">The system refused.</exception>
    public static double Drop(string path)
    {
        using var handle = File.OpenHandle(path);
        int file = (int)handle.DangerousGetHandle();
        int problem = Synchronize(file); // Dirty pages cannot be dropped.
        if (problem == 0)
            problem = Advise(file, 0, 0, DontNeed);
        return problem == 0
            ? Resident(file, RandomAccess.GetLength(handle))
            : throw new IOException($"{path} could not be dropped from the page cache ({problem}).");
    }

    private static double Resident(int file, long length)
    {
        if (length == 0)
            return 0;
        nint start = Map(0, (nuint)length, Read, Shared, file, 0);
        if (start == -1)
            return 0;
        byte[] pages = new byte[(length + Environment.SystemPageSize - 1) / Environment.SystemPageSize];
        int problem = InCore(start, (nuint)length, pages);
        _ = Unmap(start, (nuint)length);
        return problem == 0 ? pages.Count(page => (page & 1) != 0) / (double)pages.Length : 0;
    }

    [DllImport("libc", EntryPoint = "posix_fadvise"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Advise(int file, long offset, long length, int advice);

    [DllImport("libc", EntryPoint = "fsync"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Synchronize(int file);

    [DllImport("libc", EntryPoint = "mmap"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Map(nint address, nuint length, int protection, int flags, int file, long offset);

    [DllImport("libc", EntryPoint = "munmap"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Unmap(nint address, nuint length);

    [DllImport("libc", EntryPoint = "mincore"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int InCore(nint address, nuint length, [Out] byte[] pages);
}
