using System.Runtime.InteropServices;

namespace Causerie.Compute.Formats;

/// <summary>IEEE single precision, little endian.</summary>
public sealed class F32 : TensorFormat
{
    /// <inheritdoc/>
    public override int Id => 0;

    /// <inheritdoc/>
    public override string Name => "F32";

    /// <inheritdoc/>
    public override int BlockLength => 1;

    /// <inheritdoc/>
    public override int BlockBytes => 4;

    /// <inheritdoc/>
    public override void Dequantize(ReadOnlySpan<byte> blocks, Span<float> values) =>
        MemoryMarshal.Cast<byte, float>(blocks)[..values.Length].CopyTo(values);
}
