using System.Runtime.InteropServices;

namespace Causerie.Compute.Formats;

/// <summary>The upper half of an IEEE single, little endian.</summary>
public sealed class BF16 : TensorFormat
{
    /// <inheritdoc/>
    public override int Id => 30;

    /// <inheritdoc/>
    public override string Name => "BF16";

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
}
