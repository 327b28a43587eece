using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Causerie.Compute.Kernels;

/// <summary>Asks for memory before it is needed: processors foresee too little of it, and nothing where a kernel's way wanders.</summary>
/// <remarks>What is asked for need not be there; nothing is asked where it cannot be.</remarks>
internal static unsafe class Prefetch
{
    /// <summary>Far enough for memory to answer while weights are multiplied.</summary>
    public const int Distance = 12288;

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
    /// Asks for lines in the second-level cache, for a kernel that reads a piece at a time: of the next piece, or further
    /// where pieces are short.
    /// </summary>
    /// <param name="weights">In the piece.</param>
    /// <param name="count">Bytes from there.</param>
    /// <param name="piece">Bytes of the piece.</param>
    public static void AskBeyond(byte* weights, int count, int piece)
    {
        byte* ahead = weights + Math.Max(piece, Distance);
        for (int line = 0; Sse.IsSupported && line < count; line += 64)
            Sse.Prefetch1(ahead + line);
    }
}
