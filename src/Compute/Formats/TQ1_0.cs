namespace Causerie.Compute.Formats;

/// <summary>256 ternary weights, five to a byte in base 3, and one scale.</summary>
internal sealed class TQ1_0 : BlockFormat<TQ1_0.Block>
{
    /// <inheritdoc/>
    public override int Id => 34;

    /// <inheritdoc/>
    public override string Name => "TQ1_0";

    /// <summary>
    /// 52 bytes of base-3 digits as fractions of 256 (32 and 16 bytes of five digits, 4 bytes of four), f16 d: w = d ·
    /// (digit − 1).
    /// </summary>
    internal readonly struct Block : IBlock
    {
        /// <summary>
        /// Digit n of every byte, then digit n + 1: each is the top of the byte after n multiplications by 3.
        /// </summary>
        private static int Digits(ReadOnlySpan<byte> bytes, int digits, float d, Span<float> values, int at)
        {
            byte power = 1;
            for (int n = 0; n < digits; n++, power *= 3)
            {
                foreach (byte packed in bytes)
                    values[at++] = (((byte)(packed * power) * 3 >> 8) - 1) * d;
            }

            return at;
        }

        public static int Length => 256;

        public static int Bytes => 54;

        public static bool OddFirst => false;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 52);
            int at = 0;
            at = Digits(block[..32], 5, d, values, at);
            at = Digits(block.Slice(32, 16), 5, d, values, at);
            Digits(block.Slice(48, 4), 4, d, values, at);
        }
    }
}
