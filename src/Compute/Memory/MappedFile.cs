using System.IO.MemoryMappedFiles;

namespace Causerie.Compute.Memory;

/// <summary>A whole file mapped read-only, so that weights are paged in by the system and never copied.</summary>
/// <remarks>Every slice is checked against the file's length before a pointer to it exists.</remarks>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;

    private MappedFile(MemoryMappedFile? file, MemoryMappedViewAccessor? view, byte* start, long length, string path)
    {
        _file = file;
        _view = view;
        _start = start;
        Length = length;
        Path = path;
    }

    /// <summary>The file's path as given to <see cref="Open"/>.</summary>
    public string Path { get; }

    /// <summary>Bytes in the file.</summary>
    public long Length { get; }

    /// <summary>Maps <paramref name="path"/>; an empty file maps to no bytes.</summary>
    /// <exception cref="IOException">The file cannot be opened or mapped.</exception>
    public static MappedFile Open(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        long length = stream.Length;
        if (length == 0)
            return new MappedFile(null, null, null, 0, path);
        var file = MemoryMappedFile.CreateFromFile(
            path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        var view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        return new MappedFile(file, view, start + view.PointerOffset, length, path);
    }

    /// <summary>At most <see cref="int.MaxValue"/> bytes from <paramref name="offset"/>; valid until disposal.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The slice does not lie inside the file.</exception>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        Check(offset, length);
        return new ReadOnlySpan<byte>(_start + offset, length);
    }

    /// <summary>Address of <paramref name="length"/> bytes at <paramref name="offset"/>, for kernels.</summary>
    internal byte* Pointer(long offset, long length)
    {
        Check(offset, length);
        return _start + offset;
    }

    private void Check(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
    }

    /// <summary>Unmaps the file; every slice and matrix over it is dead afterwards.</summary>
    public void Dispose()
    {
        if (_view is null)
            return;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file!.Dispose();
    }
}
