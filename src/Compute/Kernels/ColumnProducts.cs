using Causerie.Compute.Lanes;
using V256 = System.Runtime.Intrinsics.Vector256<uint>;
using V512 = System.Runtime.Intrinsics.Vector512<uint>;

namespace Causerie.Compute.Kernels;

/// <summary>Chooses the instructions of a product with one column.</summary>
internal static class ColumnProducts
{
    /// <summary>
    /// Runs it if there is one column of whole blocks and vectors hold several segments; the pool's gate is held.
    /// </summary>
    public static bool TryRun<TColumn>(in Operands operands)
        where TColumn : struct, IColumn
    {
        if (operands.Count != 1 || operands.Length % TColumn.Length != 0)
            return false;
        switch (operands.Width.ForRows(operands.Rows))
        {
            case VectorWidth.Bits512:
                ColumnProduct<TColumn, Lanes512, V512>.Run(operands);
                return true;
            case VectorWidth.Bits256:
                ColumnProduct<TColumn, Lanes256, V256>.Run(operands);
                return true;
            default:
                return false;
        }
    }
}
