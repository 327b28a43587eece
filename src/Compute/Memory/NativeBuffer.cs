using System.Runtime.InteropServices;

namespace Causerie.Compute.Memory;

/// <summary>
/// Aligned memory outside the managed heap that grows to the largest size asked for and is used again.
/// </summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    /// <summary>A cache line, and the widest vector.</summary>
    private const int Alignment = 64;

    private void* _data;
    private long _bytes;

    ~NativeBuffer() => Free();

    /// <summary>
    /// At least <paramref name="bytes"/> bytes, aligned; what was there before is lost when it grows.
    /// </summary>
    /// <exception cref="OutOfMemoryException">The system has no such memory.</exception>
    public byte* Take(long bytes)
    {
        if (bytes > _bytes)
        {
            Free();
            _data = NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
            _bytes = bytes;
        }

        return (byte*)_data;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_data);
        _data = null;
        _bytes = 0;
    }
}
