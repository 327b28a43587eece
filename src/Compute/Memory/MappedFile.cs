using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Causerie.Compute.Memory;

/// <summary>A whole file mapped read-only, so that weights are paged in by the system and never copied.</summary>
/// <remarks>
/// Every slice is checked against the file's length before a pointer to it exists. A file that is cut afterwards ends the
/// process when a page beyond its new end is read: <see cref="ThrowIfChanged"/> is to be called before, often enough. A
/// cut between that look and the read, which are microseconds to one forward pass apart, is not caught; <see cref="Read"/>
/// has no such gap.
/// </remarks>
public sealed unsafe partial class MappedFile : MemoryRegion
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;
    private readonly FileStream _stream;
    private int _disposed;

    private MappedFile(MemoryMappedFile? file, MemoryMappedViewAccessor? view, byte* start, FileStream stream,
        string path)
    {
        _file = file;
        _view = view;
        _start = start;
        _stream = stream;
        Length = stream.Length;
        Path = path;
        Changed = File.GetLastWriteTimeUtc(stream.SafeFileHandle);
    }

    /// <summary>The file's path as given to <see cref="Open"/>.</summary>
    public string Path { get; }

    private string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Bytes in the file.</summary>
    public long Length { get; }

    /// <summary>When the mapped file had last been changed as it was opened, whatever lies under its path by now.</summary>
    public DateTime Changed { get; }

    /// <summary>Maps <paramref name="path"/>; an empty file maps to no bytes.</summary>
    /// <exception cref="IOException">The file cannot be opened or mapped.</exception>
    public static MappedFile Open(string path)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        MemoryMappedFile? file = null;
        try
        {
            long length = stream.Length;
            if (length == 0)
                return new MappedFile(null, null, null, stream, path);

            // By the open file, not by its path: somebody may put another file there at this moment.
            file = MemoryMappedFile.CreateFromFile(
                stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            var view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            byte* start = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            return new MappedFile(file, view, start + view.PointerOffset, stream, path);
        }
        catch
        {
            file?.Dispose();
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Looks at the open file, whatever lies under its path: a microsecond.</summary>
    /// <exception cref="FileChangedException">It was cut or written to since it was mapped.</exception>
    public void ThrowIfChanged()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        long length = RandomAccess.GetLength(_stream.SafeFileHandle);
        if (length < Length)
            throw new FileChangedException(
                $"The file '{Name}' was cut from {Length} to {length} bytes while it was in use; restore it.");
        if (File.GetLastWriteTimeUtc(_stream.SafeFileHandle) != Changed)
            throw new FileChangedException($"The file '{Name}' was written to while it was in use.");
    }

    /// <summary>
    /// At most <see cref="int.MaxValue"/> bytes from <paramref name="offset"/>; valid until disposal.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The slice does not lie inside the file.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        Check(offset, length);
        return new ReadOnlySpan<byte>(_start + offset, length);
    }

    /// <summary>
    /// Copies bytes of the file without the map: where they were cut off meanwhile this is an error, and not the process's
    /// end.
    /// </summary>
    /// <exception cref="FileChangedException">The file ends before them by now.</exception>
    /// <exception cref="ArgumentOutOfRangeException">They did not lie inside the file when it was mapped.</exception>
    internal void Read(long offset, Span<byte> bytes)
    {
        Check(offset, bytes.Length);
        while (!bytes.IsEmpty)
        {
            int read = RandomAccess.Read(_stream.SafeFileHandle, bytes, offset);
            if (read == 0)
                throw new FileChangedException(
                    $"The file '{Name}' was cut from {Length} to {RandomAccess.GetLength(_stream.SafeFileHandle)} bytes while "
                    + "it was in use; restore it.");
            offset += read;
            bytes = bytes[read..];
        }
    }

    /// <summary>
    /// Says how bytes of the file that are not in memory yet will be met: a page here and there, where what lies around
    /// them (megabytes, on some systems) would be read in vain, or in order again.
    /// </summary>
    public void ExpectScattered(bool scattered)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (Length > 0 && (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS()))
            _ = Advise(_start, (nuint)Length, scattered ? RandomAdvice : NormalAdvice);
    }

    /// <summary>
    /// Asks the system to read some mapped bytes ahead; advice only, and none where there is no <c>madvise</c>.
    /// </summary>
    internal static void WillNeed(byte* start, long length)
    {
        if (length <= 0 || !(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS()))
            return;
        byte* page = (byte*)((nuint)start / (nuint)Environment.SystemPageSize * (nuint)Environment.SystemPageSize);

        // Advice that the system will not take changes nothing.
        _ = Advise(page, (nuint)(start + length - page), WillNeedAdvice);
    }

    /// <summary>
    /// Lets go of pages that lie wholly in some mapped bytes: they are read again from the file should anyone want them.
    /// </summary>
    internal static void Forget(byte* start, long length)
    {
        if (!OperatingSystem.IsLinux())
            return;
        nuint page = (nuint)Environment.SystemPageSize;
        nuint first = ((nuint)start + page - 1) / page * page;
        nuint end = ((nuint)start + (nuint)length) / page * page;
        if (first < end)
            _ = Advise((void*)first, end - first, DontNeedAdvice);
    }

    internal override void Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        bool entered = false;
        _view?.SafeMemoryMappedViewHandle.DangerousAddRef(ref entered);
    }

    internal override void Exit() => _view?.SafeMemoryMappedViewHandle.DangerousRelease();

    /// <summary>Address of <paramref name="length"/> bytes at <paramref name="offset"/>, for kernels.</summary>
    internal byte* Pointer(long offset, long length)
    {
        Check(offset, length);
        return _start + offset;
    }

    /// <summary>Where a mapped byte stands in the file.</summary>
    internal long OffsetOf(byte* mapped) => mapped - _start;

    private void Check(long offset, long length)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
    }

    /// <summary>Unmaps the file; every slice and matrix over it is dead afterwards.</summary>
    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _stream.Dispose();
        if (_view is null)
            return;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file!.Dispose();
    }

    private const int NormalAdvice = 0; // MADV_NORMAL of Linux and macOS

    private const int RandomAdvice = 1; // MADV_RANDOM of Linux and macOS

    private const int WillNeedAdvice = 3; // MADV_WILLNEED of Linux and macOS

    private const int DontNeedAdvice = 4; // MADV_DONTNEED of Linux, which keeps the file's bytes

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Advise(void* address, nuint length, int advice);
}
