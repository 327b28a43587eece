using Causerie.Compute.Lanes;
using V128 = System.Runtime.Intrinsics.Vector128<uint>;
using V256 = System.Runtime.Intrinsics.Vector256<uint>;
using V512 = System.Runtime.Intrinsics.Vector512<uint>;

namespace Causerie.Compute.Kernels;

/// <summary>Chooses the instructions of a product.</summary>
internal static class PanelProducts
{
    /// <summary>Completes a product whose operands are set.</summary>
    public static void Prepare<TPanel>(ref Product product, VectorWidth width)
        where TPanel : struct, IPanel
    {
        switch (width)
        {
            case VectorWidth.Bits512:
                PanelProduct<TPanel, Lanes512, V512>.Prepare(ref product);
                break;
            case VectorWidth.Bits256:
                PanelProduct<TPanel, Lanes256, V256>.Prepare(ref product);
                break;
            case VectorWidth.Bits128:
                PanelProduct<TPanel, Lanes128, V128>.Prepare(ref product);
                break;
            default:
                PanelProduct<TPanel, ScalarLanes, uint>.Prepare(ref product);
                break;
        }
    }
}
