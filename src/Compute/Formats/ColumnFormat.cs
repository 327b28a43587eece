using Causerie.Compute.Kernels;

namespace Causerie.Compute.Formats;

/// <summary>
/// A tiled encoding with a path of its own for one column: generation reads every weight once a token.
/// </summary>
/// <typeparam name="TBlock">The block's layout and its operations.</typeparam>
internal abstract class ColumnFormat<TBlock> : TiledFormat<TBlock>
    where TBlock : struct, IColumnBlock
{
    internal sealed override void Multiply(in Operands operands)
    {
        if (!ColumnProducts.TryRun<IntegerColumn<TBlock>>(operands))
            base.Multiply(operands);
    }
}
