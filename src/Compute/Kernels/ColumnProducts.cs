using Causerie.Compute.Formats;
using Causerie.Compute.Lanes;
using V256 = System.Runtime.Intrinsics.Vector256<uint>;
using V512 = System.Runtime.Intrinsics.Vector512<uint>;

namespace Causerie.Compute.Kernels;

/// <summary>Chooses the instructions of a product with one column.</summary>
internal static class ColumnProducts
{
    /// <summary>Runs it where the vectors hold several segments; the pool's gate is held.</summary>
    public static bool TryRun<TBlock>(in Operands operands)
        where TBlock : struct, IColumnBlock
    {
        switch (operands.Width.ForRows(operands.Rows))
        {
            case VectorWidth.Bits512:
                ColumnProduct<TBlock, Lanes512, V512>.Run(operands);
                return true;
            case VectorWidth.Bits256:
                ColumnProduct<TBlock, Lanes256, V256>.Run(operands);
                return true;
            default:
                return false;
        }
    }
}
