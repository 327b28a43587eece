using System.Buffers.Binary;

namespace Causerie.Compute.Formats;

/// <summary>256 weights of 4 bits through the table of IQ4_NL; each 32 have a scale of 6 bits around 32.</summary>
internal sealed class IQ4_XS : BlockFormat<IQ4_XS.Block>
{
    /// <inheritdoc/>
    public override int Id => 23;

    /// <inheritdoc/>
    public override string Name => "IQ4_XS";

    /// <summary>f16 d, u16 of eight high pairs of scale bits, 4 bytes of low nibbles of scales, 128 bytes of nibbles: w = d · (scale − 32) · table[q].</summary>
    internal readonly struct Block : IBlock
    {
        public static int Length => 256;

        public static int Bytes => 136;

        public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
        {
            float d = Scalars.Half(block, 0);
            int high = BinaryPrimitives.ReadUInt16LittleEndian(block[2..]);
            for (int j = 0; j < 8; j++)
            {
                int scale = (block[4 + (j / 2)] >> (j % 2 * 4) & 15) | ((high >> (2 * j) & 3) << 4);
                float dl = d * (scale - 32);
                for (int i = 0; i < 16; i++)
                {
                    byte q = block[8 + (j * 16) + i];
                    values[(j * 32) + i] = dl * IQ4_NL.Block.Levels[q & 15];
                    values[(j * 32) + i + 16] = dl * IQ4_NL.Block.Levels[q >> 4];
                }
            }
        }
    }
}
