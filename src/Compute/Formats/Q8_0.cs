namespace Causerie.Compute.Formats;

/// <summary>32 signed bytes and one scale.</summary>
internal sealed class Q8_0 : BlockFormat<Q8_0.Block>
{
    /// <inheritdoc/>
    public override int Id => 8;

    /// <inheritdoc/>
    public override string Name => "Q8_0";

    /// <summary>f16 d, then 32 i8: w = d · q.</summary>
    internal readonly struct Block : IBlock
    {
        public static int Length => 32;

        public static int Bytes => 34;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 0);
            for (int i = 0; i < Length; i++)
                values[i] = (sbyte)block[2 + i] * d;
        }
    }
}
