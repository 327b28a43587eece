namespace Causerie.Compute.Formats;

/// <summary>256 weights of 4 bits; each 32 have a scale and a minimum of 6 bits.</summary>
internal sealed class Q4_K : BlockFormat<Q4_K.Block>
{
    /// <inheritdoc/>
    public override int Id => 12;

    /// <inheritdoc/>
    public override string Name => "Q4_K";

    /// <summary>f16 d, f16 dmin, 12 bytes of scales and mins, 128 bytes of nibbles: each 32 bytes hold two runs of 32; w = d · scale · q − dmin · min.</summary>
    internal readonly struct Block : IBlock
    {
        public static int Length => 256;

        public static int Bytes => 144;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 0);
            float dmin = Scalars.Half(block, 2);
            for (int j = 0; j < 8; j++)
            {
                var (scale, min) = Scalars.SixBits(block.Slice(4, 12), j);
                for (int i = 0; i < 32; i++)
                {
                    int q = block[16 + (j / 2 * 32) + i] >> (j % 2 * 4) & 15;
                    values[(j * 32) + i] = (d * scale * q) - (dmin * min);
                }
            }
        }
    }
}
