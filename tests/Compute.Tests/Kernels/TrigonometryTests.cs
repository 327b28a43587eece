using Causerie.Compute.Kernels;

namespace Causerie.Compute.Tests.Kernels;

public sealed class TrigonometryTests
{
    [Fact]
    public void Both_are_what_plain_mathematics_rounds_to()
    {
        var random = new Random(3);
        int off = 0;
        for (int i = 0; i < 200_000; i++)
        {
            float angle = (float)(Math.Pow(10, (random.NextDouble() * 12) - 6) * (random.Next(2) == 0 ? 1 : -1));
            var (sin, cos) = Trigonometry.SinCos(angle);
            Assert.Equal(Math.Sin(angle), sin, 7e-8);
            Assert.Equal(Math.Cos(angle), cos, 7e-8);
            off += sin != (float)Math.Sin(angle) || cos != (float)Math.Cos(angle) ? 1 : 0;
        }

        Assert.InRange(off, 0, 2); // Ties that the last bit of a double decides.
        Assert.Equal((0f, 1f), Trigonometry.SinCos(0));
    }

    /// <summary>Written down on one processor: every other must give the same.</summary>
    [Theory]
    [InlineData(0.1f, 0x3DCC7577u, 0x3F7EB898u)]
    [InlineData(2.5f, 0x3F193578u, 0xBF4D17BFu)]
    [InlineData(-1234.5f, 0xBE14E299u, 0xBF7D4796u)]
    [InlineData(131071f, 0xBF13430Au, 0xBF51675Eu)]
    public void The_bits_are_these(float angle, uint sin, uint cos)
    {
        var (s, c) = Trigonometry.SinCos(angle);
        Assert.Equal((sin, cos), (BitConverter.SingleToUInt32Bits(s), BitConverter.SingleToUInt32Bits(c)));
    }
}
