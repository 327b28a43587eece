using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Causerie.Compute.Kernels;

/// <summary>Asks for weights before they are read, where a kernel goes back and forth: that misleads processors.</summary>
internal static unsafe class Ahead
{
    /// <summary>Far enough for memory to answer, near enough to stay in the first-level cache.</summary>
    private const int Distance = 8192;

    /// <summary>Asks for the lines of some bytes that are <see cref="Distance"/> on; they need not exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* bytes, int count)
    {
        for (int line = 0; Sse.IsSupported && line < count; line += 64)
            Sse.Prefetch1(bytes + Distance + line);
    }
}
