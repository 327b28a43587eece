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

    internal override void Multiply(in Operands operands) => PanelProducts.Run<FloatPanel<Weights>>(operands);

    private readonly unsafe struct Weights : IFloatWeights
    {
        public static int Length => 32;

        public static int Bytes => 64;

        public static void Unpack<TLanes, TVector>(byte* rows, nint stride, TVector* vectors)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            for (int k = 0; k < 32; k += 8, rows += 16, vectors += 8)
            {
                TLanes.Transpose(rows, stride, out var a, out var b, out var c, out var d);
                vectors[0] = TLanes.ShiftLeft(a, 16);
                vectors[1] = TLanes.And(a, TLanes.Broadcast(0xFFFF0000));
                vectors[2] = TLanes.ShiftLeft(b, 16);
                vectors[3] = TLanes.And(b, TLanes.Broadcast(0xFFFF0000));
                vectors[4] = TLanes.ShiftLeft(c, 16);
                vectors[5] = TLanes.And(c, TLanes.Broadcast(0xFFFF0000));
                vectors[6] = TLanes.ShiftLeft(d, 16);
                vectors[7] = TLanes.And(d, TLanes.Broadcast(0xFFFF0000));
            }
        }
    }
}
