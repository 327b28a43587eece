using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;

namespace Causerie.Compute.Emitted;

/// <summary>The kernel of one format for a few columns, written as machine code at its first product.</summary>
/// <remarks>Where <see cref="EmittedKernels"/> run. A unit's weights go from memory to registers without tiles between.</remarks>
internal static unsafe class EmittedUnits<TBlock>
    where TBlock : struct, ITiledBlock
{
    private static readonly byte* Code = EmittedKernels.Run ? Place() : null;

    /// <summary>Whether there is such a kernel.</summary>
    public static bool Run => Code != null;

    /// <summary>Scales and mins of a unit, and the sums of a block of columns.</summary>
    public static long ScratchBytes =>
        ((TBlock.Length / 32 * (Tile.Vectors - Tile.Scale)) + Records.Block) * PanelLayout.WordBytes;

    /// <summary>sums[c] += Σ unit[u] · records[u, t, c], as <see cref="IPanel.AddUnits"/> says; only where <see cref="Run"/>.</summary>
    /// <param name="unit">[units] of sixteen rows.</param>
    /// <param name="units">At least one.</param>
    /// <param name="records">[units, tiles, columns] records.</param>
    /// <param name="sums">[columns, 16] f32.</param>
    /// <param name="columns">1 to <see cref="Records.Block"/>.</param>
    /// <param name="scratch"><see cref="ScratchBytes"/>.</param>
    public static void Add(byte* unit, nint units, byte* records, void* sums, nint columns, void* scratch)
    {
        // The longest calls take some tens of microseconds: the garbage collector can wait for them.
        var kernel = (delegate* unmanaged[SuppressGCTransition]<byte*, nint, byte*, void*, nint, void*, void>)Code;
        kernel(unit, units, records, sums, columns, scratch);
    }

    private static byte* Place()
    {
        var code = new Assembler();
        var column = new ColumnCode(code, TBlock.Shape, TBlock.Offset, IntegerKernel.SharesScale<TBlock>());
        int start = new UnitKernelCode(code, UnitDescription.Of<TBlock>([.. column.Factors]), column).Write();
        byte* pages = ExecutableMemory.TryPlace(code.ToArray());
        return pages == null ? null : pages + start;
    }
}
