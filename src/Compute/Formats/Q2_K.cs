namespace Causerie.Compute.Formats;

/// <summary>256 weights of 2 bits; each 16 have a scale and a minimum of 4 bits.</summary>
internal sealed class Q2_K : BlockFormat<Q2_K.Block>
{
    /// <inheritdoc/>
    public override int Id => 10;

    /// <inheritdoc/>
    public override string Name => "Q2_K";

    /// <summary>16 bytes of (scale, min) nibbles, 64 bytes of 2-bit weights, f16 d, f16 dmin: w = d · scale · q − dmin · min.</summary>
    internal readonly struct Block : IBlock
    {
        public static int Length => 256;

        public static int Bytes => 84;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 80);
            float dmin = Scalars.Half(block, 82);
            for (int i = 0; i < Length; i++)
            {
                // Byte (i / 128, i % 32) holds the weights of four runs of 32, two bits each.
                int q = block[16 + (i / 128 * 32) + (i % 32)] >> (i / 32 % 4 * 2) & 3;
                int packed = block[i / 16];
                values[i] = (d * (packed & 15) * q) - (dmin * (packed >> 4));
            }
        }
    }
}
