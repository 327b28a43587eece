using System.Runtime.Intrinsics;
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
