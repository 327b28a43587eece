using Causerie.Compute.Kernels;
using Causerie.Inference.Models;

namespace Causerie.Inference.Tests.Models;

/// <summary>The angles of each context extension equal its paper's formula.</summary>
public class RopeParametersTests
{
    private const int Dimensions = 64;
    private const int Position = 100;

    [Fact]
    public void Plain_angles_are_a_geometric_series()
    {
        var (angles, magnitude) = Turn(new RopeParameters(Dimensions, 10_000));
        Assert.Equal(1, magnitude, 1e-5);
        AssertAngles(i => Math.Pow(10_000, -i / 32.0), angles);
    }

    [Fact]
    public void Linear_scaling_divides_every_angle()
    {
        var (angles, magnitude) = Turn(new RopeParameters(Dimensions, 10_000) { Factor = 4 });
        Assert.Equal(1, magnitude, 1e-5);
        AssertAngles(i => Math.Pow(10_000, -i / 32.0) / 4, angles);
    }

    [Fact]
    public void Factors_divide_each_angle()
    {
        float[] divisors = [.. Enumerable.Range(0, 32).Select(i => 1 + (i / 4f))];
        var (angles, _) = Turn(new RopeParameters(Dimensions, 500_000), divisors);
        AssertAngles(i => Math.Pow(500_000, -i / 32.0) / divisors[i], angles);
    }

    [Fact]
    public void Yarn_keeps_the_fast_and_interpolates_the_slow()
    {
        var (angles, magnitude) = Turn(new RopeParameters(Dimensions, 150_000)
        {
            Factor = 32,
            Yarn = new YarnParameters(),
            OriginalContext = 4096,
        });
        Assert.Equal(1 + (0.1 * Math.Log(32)), magnitude, 1e-4);
        // 4096 tokens hold 32 turns of pair 8.09 and one turn of pair 17.4: the ramp goes from 8 to 18.
        AssertAngles(
            i =>
            {
                double kept = 1 - Math.Clamp((i - 8) / 10.0, 0, 1);
                return Math.Pow(150_000, -i / 32.0) * (kept + ((1 - kept) / 32));
            },
            angles);
    }

    private static void AssertAngles(Func<int, double> frequency, double[] angles)
    {
        for (int i = 0; i < angles.Length; i++)
            Assert.Equal(
                Math.Cos(Position * frequency(i)), Math.Cos(angles[i]), 2e-4);
    }

    /// <summary>Turns the pair (1, 0) at every place and reads angle and length back.</summary>
    private static (double[] Angles, double Magnitude) Turn(RopeParameters parameters, float[]? divisors = null)
    {
        var x = new float[Dimensions];
        for (int i = 0; i < Dimensions; i += 2)
            x[i] = 1;
        var rope = parameters.Build(RopePairing.Adjacent, divisors ?? []);
        var turns = new RopeTurns(rope);
        turns.Take([Position]);
        rope.Apply(x, 1, Dimensions, turns);
        double[] angles = [.. Enumerable.Range(0, Dimensions / 2).Select(i => Math.Atan2(x[(2 * i) + 1], x[2 * i]))];
        return (angles, Math.Sqrt((x[0] * x[0]) + (x[1] * x[1])));
    }
}
