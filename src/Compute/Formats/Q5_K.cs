namespace Causerie.Compute.Formats;

/// <summary>256 weights of 5 bits; each 32 have a scale and a minimum of 6 bits.</summary>
internal sealed class Q5_K : BlockFormat<Q5_K.Block>
{
    /// <inheritdoc/>
    public override int Id => 13;

    /// <inheritdoc/>
    public override string Name => "Q5_K";

    /// <summary>As Q4_K, with 32 bytes of fifth bits (bit j of byte i belongs to weight i of run j) before the nibbles.</summary>
    internal readonly struct Block : IBlock
    {
        public static int Length => 256;

        public static int Bytes => 176;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 0);
            float dmin = Scalars.Half(block, 2);
            for (int j = 0; j < 8; j++)
            {
                var (scale, min) = Scalars.SixBits(block.Slice(4, 12), j);
                for (int i = 0; i < 32; i++)
                {
                    int q = (block[48 + (j / 2 * 32) + i] >> (j % 2 * 4) & 15) | ((block[16 + i] >> j & 1) << 4);
                    values[(j * 32) + i] = (d * scale * q) - (dmin * min);
                }
            }
        }
    }
}
