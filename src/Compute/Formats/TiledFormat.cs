using Causerie.Compute.Kernels;

namespace Causerie.Compute.Formats;

/// <summary>An encoding whose blocks the integer kernels multiply without decoding them to f32.</summary>
/// <typeparam name="TBlock">The block's layout and its operations.</typeparam>
internal abstract class TiledFormat<TBlock> : BlockFormat<TBlock>
    where TBlock : struct, ITiledBlock
{
    internal override void Multiply(in Operands operands) =>
        PanelProducts.Run<IntegerPanel<TBlock>>(operands);
}
