using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Causerie.Compute.Kernels;

namespace Causerie.Compute.Emitted;

/// <summary>
/// Whether integer kernels of 512 bits run as machine code, with AVX-512 VNNI, which .NET does not offer: decision 006.
/// </summary>
internal static unsafe class EmittedKernels
{
    private static readonly string? Forbidden = Obstacle();

    private static readonly bool Allowed = Forbidden is null && ExecutableMemory.TryPlace([0xC3]) != null;

    /// <summary>Whether they do.</summary>
    public static bool Run => Allowed;

    /// <summary>Why they do not; null where they do.</summary>
    public static string? Missing => Run ? null : Forbidden ?? "the system allows no executable memory";

    private static string? Obstacle()
    {
        const int Vnni = 1 << 11; // of CPUID 7's ECX
        if (AppContext.TryGetSwitch(Instructions.EmittedSwitch, out bool on) && !on)
            return "switched off";
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return "only for Linux on x64";
        if (!Avx512BW.IsSupported)
            return "no AVX-512, or the runtime may not use it";
        return (X86Base.CpuId(7, 0).Ecx & Vnni) == 0 ? "no AVX-512 VNNI" : null;
    }
}
