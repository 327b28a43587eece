using System.Buffers.Binary;

namespace Causerie.Compute.Formats;

/// <summary>The small numbers that blocks carry beside their weights.</summary>
internal static class Scalars
{
    /// <summary>The f16 at <paramref name="offset"/>, as f32.</summary>
    public static float Half(ReadOnlySpan<byte> block, int offset) =>
        (float)BinaryPrimitives.ReadHalfLittleEndian(block[offset..]);
}
