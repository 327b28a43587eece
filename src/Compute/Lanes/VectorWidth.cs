using System.Runtime.Intrinsics.X86;

namespace Causerie.Compute.Lanes;

/// <summary>The sets of instructions that kernels can run on; all give the same bits.</summary>
internal enum VectorWidth
{
    Scalar,

    /// <summary>SSSE3 with FMA, or AdvSimd.</summary>
    Bits128,

    /// <summary>AVX2 with FMA.</summary>
    Bits256,

    /// <summary>AVX-512 F, BW.</summary>
    Bits512,
}

/// <summary>Which widths there are here, and which one suits.</summary>
internal static class VectorWidths
{
    /// <summary>Whether this processor and the runtime's settings (<c>DOTNET_EnableAVX512</c> …) allow it.</summary>
    public static bool IsSupported(this VectorWidth width) => width switch
    {
        VectorWidth.Scalar => true,
        VectorWidth.Bits128 => Lanes128.IsSupported,
        VectorWidth.Bits256 => Avx2.IsSupported && Fma.IsSupported,
        VectorWidth.Bits512 => Avx512BW.IsSupported,
        _ => false,
    };

    /// <summary>The widest that is supported.</summary>
    public static VectorWidth Widest()
    {
        if (VectorWidth.Bits512.IsSupported())
            return VectorWidth.Bits512;
        if (VectorWidth.Bits256.IsSupported())
            return VectorWidth.Bits256;
        return VectorWidth.Bits128.IsSupported() ? VectorWidth.Bits128 : VectorWidth.Scalar;
    }
}
