using System.Runtime.InteropServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>IEEE single precision, little endian.</summary>
public sealed class F32 : TensorFormat
{
    /// <inheritdoc/>
    public override int Id => 0;

    /// <inheritdoc/>
    public override string Name => "F32";

    /// <inheritdoc/>
    private protected override void QuantizeBlocks(ReadOnlySpan<float> values, Span<byte> blocks) =>
        MemoryMarshal.AsBytes(values).CopyTo(blocks);

    /// <inheritdoc/>
    public override int BlockLength => 1;

    /// <inheritdoc/>
    public override int BlockBytes => 4;

    /// <inheritdoc/>
    public override void Dequantize(ReadOnlySpan<byte> blocks, Span<float> values) =>
        MemoryMarshal.Cast<byte, float>(blocks)[..values.Length].CopyTo(values);

    internal override void Multiply(in Operands operands) => PanelProducts.Run<FloatPanel<Weights>>(operands);

    private readonly unsafe struct Weights : IFloatWeights
    {
        public static int Length => 32;

        public static int Bytes => 128;

        public static void Unpack<TLanes, TVector>(byte* rows, nint stride, TVector* vectors)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            for (int k = 0; k < 32; k += 4, rows += 16, vectors += 4)
                TLanes.Transpose(rows, stride, out vectors[0], out vectors[1], out vectors[2], out vectors[3]);
        }
    }
}
