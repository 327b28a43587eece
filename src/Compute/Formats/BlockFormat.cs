using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>
/// An encoding in blocks, whose operations come from a struct so that the JIT specialises every loop over it.
/// </summary>
/// <typeparam name="TBlock">The block's layout and its operations.</typeparam>
internal abstract class BlockFormat<TBlock> : TensorFormat
    where TBlock : struct, IBlock
{
    /// <inheritdoc/>
    public sealed override int BlockLength => TBlock.Length;

    /// <inheritdoc/>
    public sealed override int BlockBytes => TBlock.Bytes;

    /// <inheritdoc/>
    public sealed override void Dequantize(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length % TBlock.Length, 0, nameof(values));
        for (int i = 0; i < values.Length / TBlock.Length; i++)
            TBlock.Dequantize(
                blocks.Slice(i * TBlock.Bytes, TBlock.Bytes), values.Slice(i * TBlock.Length, TBlock.Length));
    }

    internal sealed override PanelLayout Layout => DecodedBlock<TBlock>.Layout;

    internal override void Prepare(ref Product product, VectorWidth width) =>
        PanelProducts.Prepare<FloatPanel<DecodedBlock<TBlock>>>(ref product, width);
}
