namespace Causerie.Compute.Formats;

/// <summary>256 weights of 3 bits around 4; each 16 have a scale of 6 bits around 32.</summary>
internal sealed class Q3_K : BlockFormat<Q3_K.Block>
{
    /// <inheritdoc/>
    public override int Id => 11;

    /// <inheritdoc/>
    public override string Name => "Q3_K";

    /// <summary>32 bytes of third bits, 64 bytes of lower bits as in Q2_K, 12 bytes of scales, f16 d: w = d · (scale − 32) · (q − 4).</summary>
    internal readonly struct Block : IBlock
    {
        /// <summary>Six bits of scale <paramref name="j"/> (0 to 15): four in the first eight bytes, two in the last four.</summary>
        private static int Scale(ReadOnlySpan<byte> packed, int j)
        {
            int low = packed[j % 8] >> (j / 8 * 4) & 15;
            int high = packed[8 + (j % 4)] >> (j / 4 * 2) & 3;
            return low | (high << 4);
        }

        public static int Length => 256;

        public static int Bytes => 110;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 108);
            for (int i = 0; i < Length; i++)
            {
                int q = block[32 + (i / 128 * 32) + (i % 32)] >> (i / 32 % 4 * 2) & 3;
                int third = block[i % 32] >> (i / 32) & 1;
                values[i] = d * (Scale(block.Slice(96, 12), i / 16) - 32) * (q + (third * 4) - 4);
            }
        }
    }
}
