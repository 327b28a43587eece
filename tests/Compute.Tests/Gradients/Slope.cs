namespace Causerie.Compute.Tests.Gradients;

/// <summary>Gradients by finite differences, in double: what the kernels' are held against.</summary>
internal static class Slope
{
    private const double Step = 1e-5;

    /// <summary>∂f/∂xᵢ for every i, by central differences.</summary>
    public static double[] Of(Func<double[], double> f, double[] x)
    {
        var slopes = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            double at = x[i];
            x[i] = at + Step;
            double above = f(x);
            x[i] = at - Step;
            double below = f(x);
            x[i] = at;
            slopes[i] = (above - below) / (2 * Step);
        }
        return slopes;
    }

    /// <summary>Each is within what f32 can hold of sums like these.</summary>
    public static void AssertClose(double[] expected, ReadOnlySpan<float> actual, double tolerance = 2e-5)
    {
        double scale = expected.Max(Math.Abs) + 1e-3;
        for (int i = 0; i < expected.Length; i++)
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance * scale,
                $"{i} of {expected.Length}: {actual[i]}, by finite differences {expected[i]}");
    }

    public static double[] Numbers(Random random, int count, double scale = 1) =>
        [.. Enumerable.Range(0, count).Select(_ => (double)(float)(((random.NextDouble() * 2) - 1) * scale))];

    public static float[] Single(double[] x) => [.. x.Select(v => (float)v)];
}
