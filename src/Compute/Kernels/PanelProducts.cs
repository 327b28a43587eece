using Causerie.Compute.Lanes;
using V128 = System.Runtime.Intrinsics.Vector128<uint>;
using V256 = System.Runtime.Intrinsics.Vector256<uint>;
using V512 = System.Runtime.Intrinsics.Vector512<uint>;

namespace Causerie.Compute.Kernels;

/// <summary>Chooses the instructions of a product.</summary>
internal static class PanelProducts
{
    /// <summary>Runs one product on the widest vectors that its rows fill; the pool's gate is held.</summary>
    public static void Run<TPanel>(in Operands operands)
        where TPanel : struct, IPanel
    {
        switch (operands.Width.ForRows(operands.Rows))
        {
            case VectorWidth.Bits512:
                PanelProduct<TPanel, Lanes512, V512>.Run(operands);
                break;
            case VectorWidth.Bits256:
                PanelProduct<TPanel, Lanes256, V256>.Run(operands);
                break;
            case VectorWidth.Bits128:
                PanelProduct<TPanel, Lanes128, V128>.Run(operands);
                break;
            default:
                PanelProduct<TPanel, ScalarLanes, uint>.Run(operands);
                break;
        }
    }
}
