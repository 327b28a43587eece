using System.Runtime.InteropServices;

namespace Causerie.Compute.Memory;

/// <summary>Memory of no file, in huge pages where the system has them, since it is read from end to end.</summary>
internal sealed unsafe partial class AnonymousMemory : MemoryRegion
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;
    private const int HugePages = 14; // MADV_HUGEPAGE of Linux
    private const int HugePageBytes = 2 << 20;

    private readonly Handle _handle;

    private AnonymousMemory(Handle handle, byte* start)
    {
        _handle = handle;
        Start = start;
    }

    /// <summary>First byte, at the start of a page.</summary>
    public byte* Start { get; }

    /// <summary>Whether the system gives huge pages to who asks.</summary>
    public static bool HasHugePages
    {
        get
        {
            const string Setting = "/sys/kernel/mm/transparent_hugepage/enabled";
            return OperatingSystem.IsLinux() && File.Exists(Setting)
                && !File.ReadAllText(Setting).Contains("[never]", StringComparison.Ordinal);
        }
    }

    /// <summary>Memory of zeros.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="purpose">What for, should there be none.</param>
    /// <exception cref="OutOfMemoryException">The system has none; the message says how much was wanted.</exception>
    public static AnonymousMemory Allocate(long bytes, string purpose)
    {
        var handle = new Handle(Math.Max(bytes, 1));
        return handle.IsInvalid
            ? throw new InsufficientMemoryException($"There are no {bytes >> 20} MB of memory for {purpose}.")
            : new AnonymousMemory(handle, handle.Start);
    }

    internal override void Enter()
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        bool entered = false;
        _handle.DangerousAddRef(ref entered);
    }

    internal override void Exit() => _handle.DangerousRelease();

    public override void Dispose() => _handle.Dispose();

    /// <summary>Holds the memory as long as somebody is inside.</summary>
    private sealed class Handle : SafeHandle
    {
        private readonly nuint _bytes;

        public Handle(long bytes)
            : base(0, ownsHandle: true)
        {
            _bytes = (nuint)bytes;
            if (!OperatingSystem.IsLinux())
            {
                SetHandle((nint)NativeMemory.AlignedAlloc(_bytes, 4096));
                NativeMemory.Clear((void*)handle, _bytes);
                Start = (byte*)handle;
                return;
            }

            // One huge page more than needed, so that the bytes begin with a whole one.
            _bytes += HugePageBytes;
            nint pages = (nint)Map(null, _bytes, ReadWrite, PrivateAnonymous, -1, 0);
            if (pages == -1)
                return;
            SetHandle(pages);
            Start = (byte*)((pages + HugePageBytes - 1) / HugePageBytes * HugePageBytes);
            _ = Advise((void*)pages, _bytes, HugePages); // Advice that the system will not take changes nothing.
        }

        public byte* Start { get; }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            if (!OperatingSystem.IsLinux())
            {
                NativeMemory.AlignedFree((void*)handle);
                return true;
            }

            return Unmap((void*)handle, _bytes) == 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial byte* Map(void* address, nuint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Advise(void* address, nuint bytes, int advice);

    [LibraryImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Unmap(void* address, nuint bytes);
}
