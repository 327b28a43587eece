using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Causerie.Compute.Kernels;

/// <summary>Asks for memory before it is needed, where a kernel's way through it misleads processors.</summary>
/// <remarks>What is asked for need not be there; nothing is asked where it cannot be.</remarks>
internal static unsafe class Prefetch
{
    /// <summary>Far enough for memory to answer while weights are multiplied.</summary>
    private const int Distance = 8192;

    /// <summary>Asks for a line in the first-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ask(byte* line)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(line);
    }

    /// <summary>Asks for the lines that lie <see cref="Distance"/> beyond some weights, in the second-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AskBeyond(byte* weights, int count)
    {
        for (int line = 0; Sse.IsSupported && line < count; line += 64)
            Sse.Prefetch1(weights + Distance + line);
    }

    /// <summary>
    /// Asks for as many bytes as some weights have, in the second-level cache: those behind them, or
    /// <see cref="Distance"/> beyond them where the weights are fewer than that.
    /// </summary>
    public static void AskBeyondAll(byte* weights, int count)
    {
        for (int line = 0; Sse.IsSupported && line < count; line += 64)
            Sse.Prefetch1(weights + Math.Max(count, Distance) + line);
    }
}
