using System.Runtime.InteropServices;

namespace Causerie.Compute.Emitted;

/// <summary>Machine code in memory that can be run, for as long as the process lives.</summary>
/// <remarks>Linux only. Pages are writable first and executable after, never both.</remarks>
internal static unsafe partial class ExecutableMemory
{
    private const int Read = 1;
    private const int Write = 2;
    private const int Execute = 4;
    private const int PrivateAnonymous = 0x22;

    /// <summary>The address of a copy of <paramref name="code"/>; null where the system allows none.</summary>
    public static byte* TryPlace(ReadOnlySpan<byte> code)
    {
        nuint bytes = (nuint)code.Length;
        byte* pages = Map(null, bytes, Read | Write, PrivateAnonymous, -1, 0);
        if ((nint)pages == -1)
            return null;
        code.CopyTo(new Span<byte>(pages, code.Length));
        if (Protect(pages, bytes, Read | Execute) == 0)
            return pages;
        _ = Unmap(pages, bytes);
        return null;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial byte* Map(void* address, nuint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Protect(void* address, nuint bytes, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Unmap(void* address, nuint bytes);
}
