namespace Causerie.Compute.Formats;

/// <summary>256 weights of 6 bits around 32; each 16 have a signed scale of 8 bits.</summary>
internal sealed class Q6_K : BlockFormat<Q6_K.Block>
{
    /// <inheritdoc/>
    public override int Id => 14;

    /// <inheritdoc/>
    public override string Name => "Q6_K";

    /// <summary>128 bytes of low nibbles, 64 bytes of high pairs of bits, 16 i8 scales, f16 d: w = d · scale · (q − 32).</summary>
    internal readonly struct Block : IBlock
    {
        public static int Length => 256;

        public static int Bytes => 210;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 208);
            for (int i = 0; i < Length; i++)
            {
                // In each half, run r of 32 takes nibble r / 2 of the 64 low bytes and bits 2r of the 32 high ones.
                int half = i / 128;
                int run = i / 32 % 4;
                int low = block[(half * 64) + (run % 2 * 32) + (i % 32)] >> (run / 2 * 4) & 15;
                int high = block[128 + (half * 32) + (i % 32)] >> (run * 2) & 3;
                values[i] = d * (sbyte)block[192 + (i / 16)] * ((low | (high << 4)) - 32);
            }
        }
    }
}
