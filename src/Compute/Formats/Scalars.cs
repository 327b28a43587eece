using System.Buffers.Binary;

namespace Causerie.Compute.Formats;

/// <summary>The small numbers that blocks carry beside their weights.</summary>
internal static class Scalars
{
    /// <summary>The f16 at <paramref name="offset"/>, as f32.</summary>
    public static float Half(ReadOnlySpan<byte> block, int offset) =>
        (float)BinaryPrimitives.ReadHalfLittleEndian(block[offset..]);

    /// <summary>Scale and min, six bits each, of sub-block <paramref name="j"/> (0 to 7) in the 12 bytes of Q4_K and Q5_K.</summary>
    public static (int Scale, int Min) SixBits(ReadOnlySpan<byte> packed, int j) => j < 4
        ? (packed[j] & 63, packed[j + 4] & 63)
        : ((packed[j + 4] & 15) | (packed[j - 4] >> 6 << 4), (packed[j + 4] >> 4) | (packed[j] >> 6 << 4));
}
