using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>The upper half of an IEEE single, little endian.</summary>
public sealed class BF16 : TensorFormat
{
    /// <inheritdoc/>
    public override int Id => 30;

    /// <inheritdoc/>
    public override string Name => "BF16";

    /// <inheritdoc/>
    private protected override void QuantizeBlocks(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        var halves = MemoryMarshal.Cast<byte, ushort>(blocks);
        for (int i = 0; i < values.Length; i++)
        {
            // To the nearest, ties to even.
            uint bits = BitConverter.SingleToUInt32Bits(values[i]);
            halves[i] = (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
        }
    }

    /// <inheritdoc/>
    public override int BlockLength => 1;

    /// <inheritdoc/>
    public override int BlockBytes => 2;

    /// <inheritdoc/>
    public override void Dequantize(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        var halves = MemoryMarshal.Cast<byte, ushort>(blocks);
        for (int i = 0; i < values.Length; i++)
            values[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
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
            even = TLanes.ShiftLeft(unit[j], 16);
            odd = TLanes.And(unit[j], TLanes.Broadcast(0xFFFF0000));
        }
    }
}
