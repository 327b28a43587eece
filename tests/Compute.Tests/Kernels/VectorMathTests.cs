using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Causerie.Compute.Kernels;

namespace Causerie.Compute.Tests.Kernels;

/// <summary>The vector functions against double precision.</summary>
public sealed class VectorMathTests
{
    private static float[] Sweep(float from, float to, int points = 100_000) =>
        [.. Enumerable.Range(0, points + 1).Select(i => from + ((to - from) * (i / (float)points)))];

    private static void Check(
        float[] points, Func<Vector256<float>, Vector256<float>> approximate, Func<double, double> exact,
        double relative, double absolute)
    {
        foreach (float x in points)
        {
            double expected = exact(x);
            double actual = approximate(Vector256.Create(x)).ToScalar();
            double allowed = (Math.Abs(expected) * relative) + absolute;
            if (!(Math.Abs(actual - expected) <= allowed))
                Assert.Fail($"f({x:R}) is {actual:R}, not {expected:R}");
        }
    }

    [Fact]
    public void Exp_keeps_two_units_of_the_last_place() =>
        Check(Sweep(-87, 88.7f), VectorMath.Exp, Math.Exp, 2.4e-7, 0);

    [Fact]
    public void Exp_ends_well_at_both_ends()
    {
        Assert.Equal(0, VectorMath.Exp(Vector256.Create(float.NegativeInfinity)).ToScalar());
        Assert.Equal(0, VectorMath.Exp(Vector256.Create(-200f)).ToScalar());
        Assert.Equal(float.PositiveInfinity, VectorMath.Exp(Vector256.Create(89f)).ToScalar());
        Assert.Equal(float.PositiveInfinity, VectorMath.Exp(Vector256.Create(float.PositiveInfinity)).ToScalar());
        Assert.True(float.IsNaN(VectorMath.Exp(Vector256.Create(float.NaN)).ToScalar()));
        Assert.Equal(1, VectorMath.Exp(Vector256<float>.Zero).ToScalar());
        Check(Sweep(-103, -87), VectorMath.Exp, Math.Exp, 2.4e-7, 1.5e-45);
    }

    [Fact]
    public void Tanh_keeps_three_units_of_the_last_place()
    {
        Check(Sweep(-10, 10), VectorMath.Tanh, Math.Tanh, 3.6e-7, 0);
        Check(Sweep(-1e-3f, 1e-3f), VectorMath.Tanh, Math.Tanh, 2.4e-7, 0);
        Assert.Equal(1, VectorMath.Tanh(Vector256.Create(float.PositiveInfinity)).ToScalar());
        Assert.Equal(-1, VectorMath.Tanh(Vector256.Create(-1000f)).ToScalar());
    }

    [Fact]
    public void Erf_is_close_everywhere() => Check(Sweep(-6, 6, points: 5_000), VectorMath.Erf, Erf, 0, 6e-7);

    [Fact]
    public void Every_half_converts_exactly_and_none_hides_that_it_is_not_finite()
    {
        for (int bits = 0; bits < 65536; bits++)
        {
            float expected = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
            Assert.Equal(expected, VectorMath.ToSingle(Vector128.Create((short)bits)).ToScalar());
        }
    }

    [Fact]
    public void Every_half_comes_back_from_f32()
    {
        for (int bits = 0; bits < 65536; bits++)
            SameAsCast((float)BitConverter.UInt16BitsToHalf((ushort)bits));
    }

    [Fact]
    public void Halves_are_rounded_as_the_cast_rounds()
    {
        // Between two neighbours: the middle, and one unit of an f32 to either side.
        for (int bits = 0; bits < 0x7C00; bits++)
        {
            float low = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
            float high = bits == 0x7BFF ? 65536 : (float)BitConverter.UInt16BitsToHalf((ushort)(bits + 1));
            float middle = (low + high) / 2;
            foreach (float x in new[] { middle, MathF.BitDecrement(middle), MathF.BitIncrement(middle),
                MathF.BitDecrement(high), MathF.BitIncrement(high) })
            {
                SameAsCast(x);
                SameAsCast(-x);
            }
        }

        var random = new Random(1);
        for (int i = 0; i < 500_000; i++)
            SameAsCast(BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)));
        foreach (float x in new[] { 0, -0f, float.Epsilon, float.MaxValue, float.PositiveInfinity, 65519.996f, 65520 })
        {
            SameAsCast(x);
            SameAsCast(-x);
        }

        for (int payload = 1; payload < 1 << 23; payload += 4099)
        {
            SameAsCast(BitConverter.Int32BitsToSingle(0x7F800000 | payload));
            SameAsCast(BitConverter.Int32BitsToSingle(unchecked((int)0xFF800000) | payload));
        }
    }

    private static void SameAsCast(float x)
    {
        ushort expected = BitConverter.HalfToUInt16Bits((Half)x);
        var all = VectorMath.ToHalf(Vector256.Create(x, 1, 2, 3, 4, 5, 6, x));
        if (all[0] != expected || all[7] != expected || all[1] != 0x3C00)
            Assert.Fail($"{BitConverter.SingleToUInt32Bits(x):X8} becomes {all[0]:X4}, not {expected:X4}");
    }

    [Fact]
    public void Sixteen_lanes_give_the_bits_of_eight()
    {
        if (!Avx512BW.IsSupported)
            return;
        for (int bits = 0; bits < 65536; bits++)
            Assert.Equal(
                VectorMath.ToSingle(Vector128.Create((short)bits)).AsInt32().ToScalar(),
                VectorMath.ToSingle(Vector256.Create((short)bits)).AsInt32().ToScalar());
        var random = new Random(2);
        float[] ends = [0, -0f, 89, 90, -104, -105, -200, float.PositiveInfinity, float.NegativeInfinity, float.NaN];
        foreach (float x in Sweep(-106, 90).Concat(ends).Concat(
            Enumerable.Range(0, 100_000).Select(_ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)))))
        {
            uint eight = VectorMath.Exp(Vector256.Create(x)).AsUInt32().ToScalar();
            uint sixteen = VectorMath.Exp(Vector512.Create(x)).AsUInt32().ToScalar();
            if (eight != sixteen)
                Assert.Fail($"e^{x:R} is {eight:X8} or {sixteen:X8}");
        }
    }

    // Simpson's rule on the definition: far more exact than what is tested.
    internal static double Erf(double x)
    {
        const int Steps = 200;
        double h = x / Steps;
        double sum = 1 + Math.Exp(-x * x);
        for (int i = 1; i < Steps; i++)
            sum += (i % 2 == 1 ? 4 : 2) * Math.Exp(-(i * h) * (i * h));
        return sum * h / 3 * 2 / Math.Sqrt(Math.PI);
    }
}
