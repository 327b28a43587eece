using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>IEEE half precision, little endian.</summary>
public sealed class F16 : TensorFormat
{
    /// <inheritdoc/>
    public override int Id => 1;

    /// <inheritdoc/>
    public override string Name => "F16";

    /// <inheritdoc/>
    private protected override void QuantizeBlocks(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        var halves = MemoryMarshal.Cast<byte, Half>(blocks);
        for (int i = 0; i < values.Length; i++)
        {
            halves[i] = (Half)values[i];
            if (!Half.IsFinite(halves[i]))
                throw new OverflowException($"The weight {values[i]} is beyond the largest f16.");
        }
    }

    /// <inheritdoc/>
    public override int BlockLength => 1;

    /// <inheritdoc/>
    public override int BlockBytes => 2;

    /// <inheritdoc/>
    public override void Dequantize(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        var halves = MemoryMarshal.Cast<byte, Half>(blocks);
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)halves[i];
    }

    internal override PanelLayout Layout => Weights.Layout;

    internal override void Prepare(ref Product product, VectorWidth width) =>
        PanelProducts.Prepare<FloatPanel<Weights>>(ref product, width);

    /// <summary>32 weights are a unit.</summary>
    private readonly struct Weights : IFloatWeights
    {
        public static PanelLayout Layout { get; } = new(32, 64, oddFirst: false, []);

        public static bool InPairs => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Pair<TLanes, TVector>(
            PanelUnit<TLanes, TVector> unit, int j, out TVector even, out TVector odd)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            even = Tile.LowHalf<TLanes, TVector>(unit[j]);
            odd = Tile.HighHalf<TLanes, TVector>(unit[j]);
        }
    }
}
