using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>An encoding whose blocks the integer kernels multiply without decoding them to f32.</summary>
/// <typeparam name="TBlock">The block's layout and its operations.</typeparam>
/// <typeparam name="TFamily">The kernel that its integers call for.</typeparam>
internal abstract class TiledFormat<TBlock, TFamily> : BlockFormat<TBlock>
    where TBlock : struct, ITiledBlock
    where TFamily : struct, ITileFamily
{
    internal override void Prepare(ref Product product, VectorWidth width) =>
        PanelProducts.Prepare<IntegerPanel<TBlock, TFamily>>(ref product, width);
}
