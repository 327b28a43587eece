using System.Runtime.InteropServices;

namespace Causerie.Compute.Formats;

/// <summary>IEEE half precision, little endian.</summary>
public sealed class F16 : TensorFormat
{
    /// <inheritdoc/>
    public override int Id => 1;

    /// <inheritdoc/>
    public override string Name => "F16";

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
}
