using System.Runtime.CompilerServices;
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

    internal override PanelLayout Layout => Weights.Layout;

    internal override void Prepare(ref Product product, VectorWidth width) =>
        PanelProducts.Prepare<FloatPanel<Weights>>(ref product, width);

    /// <summary>32 weights are a unit.</summary>
    private readonly struct Weights : IFloatWeights
    {
        public static PanelLayout Layout { get; } = new(32, 128, oddFirst: false, []);

        public static bool InPairs => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Pair<TLanes, TVector>(
            PanelUnit<TLanes, TVector> unit, int j, out TVector even, out TVector odd)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            even = unit[2 * j];
            odd = unit[(2 * j) + 1];
        }
    }
}
