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

    internal override void Multiply(in Operands operands)
    {
        if (!ColumnProducts.TryRun<FloatColumn<Weights>>(operands))
            PanelProducts.Run<FloatPanel<Weights>>(operands);
    }

    private readonly unsafe struct Weights : IFloatWeights, IHalfWeights
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
                Split<TLanes, TVector>(a, out vectors[0], out vectors[1]);
                Split<TLanes, TVector>(b, out vectors[2], out vectors[3]);
                Split<TLanes, TVector>(c, out vectors[4], out vectors[5]);
                Split<TLanes, TVector>(d, out vectors[6], out vectors[7]);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Split<TLanes, TVector>(TVector pair, out TVector even, out TVector odd)
            where TLanes : ILanes<TVector>
            where TVector : unmanaged
        {
            even = Tile.LowHalf<TLanes, TVector>(pair);
            odd = Tile.HighHalf<TLanes, TVector>(pair);
        }
    }
}
