using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;

namespace Causerie.Compute.Emitted;

/// <summary>
/// The integer kernels of 512 bits with AVX-512 VNNI, which .NET does not offer: written as machine code at first use.
/// </summary>
/// <remarks>
/// Same bits as the managed kernels, which run wherever these may not: decision 006. Eight variants, each for many
/// columns and for one, lie in slots of equal size, so that a call costs no look-up.
/// </remarks>
internal static unsafe class EmittedKernels
{
    private const int SlotBytes = 512;
    private const int Slots = 16;

    private static readonly string? Forbidden = Obstacle();

    private static readonly byte* Code = Forbidden is null ? ExecutableMemory.TryPlace(Write()) : null;

    /// <summary>Whether products of 512 bits run on emitted code.</summary>
    public static readonly bool Run = Code != null;

    /// <summary>Why they do not; null where they do.</summary>
    public static string? Missing => Run ? null : Forbidden ?? "the system allows no executable memory";

    /// <summary>sums[c] += Σ tile[t] · records[t, c]; only where <see cref="Run"/>.</summary>
    /// <param name="shape">Of the tiles.</param>
    /// <param name="offset">Subtracted from every weight.</param>
    /// <param name="tiles">[count, <see cref="Tile.Vectors"/>] vectors of 16 rows.</param>
    /// <param name="count">At least one.</param>
    /// <param name="records">[count, columns] records.</param>
    /// <param name="sums">[columns, 16] f32.</param>
    /// <param name="columns">At least one.</param>
    public static void Add(
        TileShape shape, int offset, void* tiles, int count, byte* records, void* sums, int columns)
    {
        // The longest calls take some tens of microseconds: the garbage collector can wait for them.
        var kernel = (delegate* unmanaged[SuppressGCTransition]<void*, nint, byte*, void*, nint, void>)(
            Code + (Slot(shape.HasHalves(), offset != 0, shape.HasMin(), columns == 1) * SlotBytes));
        kernel(tiles, count, records, sums, columns);
    }

    private static int Slot(bool halves, bool offset, bool min, bool one) =>
        (halves ? 8 : 0) | (offset ? 4 : 0) | (min ? 2 : 0) | (one ? 1 : 0);

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

    /// <summary>All variants, each in its slot.</summary>
    /// <exception cref="InvalidOperationException">One is longer than a slot.</exception>
    internal static byte[] Write()
    {
        var code = new Assembler();
        for (int slot = 0; slot < Slots; slot++)
        {
            if (code.Position > slot * SlotBytes)
                throw new InvalidOperationException($"Kernel {slot - 1} needs more than {SlotBytes} bytes.");
            code.Align(SlotBytes);
            var kernel = new TileKernelCode(
                code, halves: (slot & 8) != 0, offset: (slot & 4) != 0, min: (slot & 2) != 0);
            if ((slot & 1) != 0)
                kernel.WriteOne();
            else
                kernel.WriteMany();
        }

        return code.ToArray();
    }
}
