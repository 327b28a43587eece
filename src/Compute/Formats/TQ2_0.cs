namespace Causerie.Compute.Formats;

/// <summary>256 ternary weights of 2 bits, and one scale.</summary>
internal sealed class TQ2_0 : BlockFormat<TQ2_0.Block>
{
    /// <inheritdoc/>
    public override int Id => 35;

    /// <inheritdoc/>
    public override string Name => "TQ2_0";

    /// <summary>64 bytes of 2-bit weights as in Q2_K, f16 d: w = d · (q − 1).</summary>
    internal readonly struct Block : IBlock
    {
        public static int Length => 256;

        public static int Bytes => 66;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 64);
            for (int i = 0; i < Length; i++)
                values[i] = ((block[(i / 128 * 32) + (i % 32)] >> (i / 32 % 4 * 2) & 3) - 1) * d;
        }
    }
}
