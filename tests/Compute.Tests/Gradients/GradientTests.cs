using Causerie.Compute.Gradients;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Gradients;

public sealed class GradientTests
{
    [Theory]
    [InlineData(1, 8)]
    [InlineData(3, 13)]
    [InlineData(130, 32)]
    public void The_norms_gradient_is_that_of_finite_differences(int rows, int width)
    {
        var random = new Random(width);
        double[] x = Slope.Numbers(random, rows * width, 2), w = Slope.Numbers(random, width);
        double[] dy = Slope.Numbers(random, rows * width);
        const float Epsilon = 1e-5f;
        double F(double[] x, double[] w)
        {
            double sum = 0;
            for (int r = 0; r < rows; r++)
            {
                double squares = 0;
                for (int i = 0; i < width; i++)
                    squares += x[(r * width) + i] * x[(r * width) + i];
                double s = 1 / Math.Sqrt((squares / width) + Epsilon);
                for (int i = 0; i < width; i++)
                    sum += x[(r * width) + i] * s * w[i] * dy[(r * width) + i];
            }
            return sum;
        }

        using var pool = new WorkerPool(2);
        var dx = new float[rows * width];
        var dw = new float[width];
        dx.AsSpan().Fill(0.5f); // It adds.
        RmsNormGradient.Add(Slope.Single(x), Slope.Single(w), Epsilon, Slope.Single(dy), dx, dw, pool);
        Slope.AssertClose([.. Slope.Of(v => F(v, w), x).Select(slope => slope + 0.5)], dx);
        Slope.AssertClose(Slope.Of(v => F(x, v), w), dw);
    }

    [Fact]
    public void The_gates_gradient_is_that_of_finite_differences()
    {
        var random = new Random(1);
        double[] gate = Slope.Numbers(random, 37, 6), up = Slope.Numbers(random, 37), dh = Slope.Numbers(random, 37);
        double F(double[] g, double[] u) => g.Select((x, i) => x / (1 + Math.Exp(-x)) * u[i] * dh[i]).Sum();
        using var pool = new WorkerPool(2);
        float[] dg = Slope.Single(gate), du = Slope.Single(up);
        SwiGluGradient.Apply(dg, du, Slope.Single(dh), pool);
        Slope.AssertClose(Slope.Of(v => F(v, up), gate), dg);
        Slope.AssertClose(Slope.Of(v => F(gate, v), up), du);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(29)]
    public void The_losss_gradient_is_that_of_finite_differences_and_its_value_that_of_logarithms(int vocabulary)
    {
        var random = new Random(vocabulary);
        int[] targets = [0, vocabulary - 1, 3];
        double[] logits = Slope.Numbers(random, 3 * vocabulary, 5);
        double Row(double[] x, int row)
        {
            var span = x[(row * vocabulary)..((row + 1) * vocabulary)];
            return Math.Log(span.Sum(Math.Exp)) - span[targets[row]];
        }

        using var pool = new WorkerPool(2);
        float[] gradient = Slope.Single(logits);
        var losses = new float[3];
        CrossEntropy.Gradient(gradient, targets, 0.25f, losses, pool);
        Slope.AssertClose(Slope.Of(x => 0.25 * Enumerable.Range(0, 3).Sum(row => Row(x, row)), logits), gradient);
        for (int row = 0; row < 3; row++)
            Assert.Equal(Row(logits, row), losses[row], 1e-5);
    }

    [Fact]
    public void A_target_outside_the_vocabulary_is_refused()
    {
        using var pool = new WorkerPool(1);
        Assert.Throws<ArgumentException>(() => CrossEntropy.Gradient(new float[8], [8], 1, new float[1], pool));
        Assert.Throws<ArgumentException>(() => CrossEntropy.Gradient(new float[8], [-1], 1, new float[1], pool));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.1)]
    [InlineData(3)]
    [InlineData(12345.678)]
    [InlineData(1e-9)]
    public void Our_logarithm_is_the_frameworks(double x) => Assert.Equal(Math.Log(x), Logarithm.Of(x), 1e-13);

    [Fact]
    public void A_step_of_Adam_is_the_papers()
    {
        var step = new AdamStep(0.01f, 0.9f, 0.98f, 1 - 0.729f, 1 - 0.941192f, 1e-8f, 0.1f, 0.5f);
        double w = 0.3, m = 0.02, v = 0.005, g = -0.8 * 0.5;
        float[] weights = [.. Enumerable.Repeat((float)w, 11)], mean = [.. Enumerable.Repeat((float)m, 11)];
        float[] square = [.. Enumerable.Repeat((float)v, 11)];
        using var pool = new WorkerPool(1);
        step.Apply(weights, Enumerable.Repeat(-0.8f, 11).ToArray(), mean, square, pool);
        m = (0.9 * m) + (0.1 * g);
        v = (0.98 * v) + (0.02 * g * g);
        w -= 0.01 * ((m / (1 - 0.729) / (Math.Sqrt(v / (1 - 0.941192)) + 1e-8)) + (0.1 * w));
        Assert.All(weights, x => Assert.Equal(w, x, 1e-6));
        Assert.All(mean, x => Assert.Equal(m, x, 1e-6));
        Assert.All(square, x => Assert.Equal(v, x, 1e-6));
    }
}
