using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Kernels;

/// <summary>The gate that is applied while activations are packed has the bits of the one applied before.</summary>
public sealed class GatedProductTests
{
    private delegate void Gated(WeightMatrix w, float[] gate, float[] up, int count, float[] y, WorkerPool pool);

    private delegate void Apart(float[] gate, float[] up);

    [Theory]
    [InlineData("Q4_0", 1, 96)]
    [InlineData("Q8_0", 1, 2080)]
    [InlineData("Q6_K", 7, 768)]
    [InlineData("Q4_K", 65, 256)]
    [InlineData("F16", 3, 100)]
    [InlineData("F32", 1, 33)]
    public void Gates_in_one_pass_equal_gates_apart(string name, int count, int columns)
    {
        const int Rows = 37;
        var format = TensorFormat.All.Values.Single(f => f.Name == name);
        using var weights = new RandomWeights(format, Rows, columns, seed: columns);
        foreach (int threads in new[] { 1, 3 })
        {
            using var pool = new WorkerPool(threads);
            Compare(
                (w, g, u, n, y, p) => GatedProduct.Silu(w, g, u, n, y, p), (g, u) => Elementwise.SiluMultiply(g, u));
            Compare(
                (w, g, u, n, y, p) => GatedProduct.Gelu(w, g, u, n, y, p), (g, u) => Elementwise.GeluMultiply(g, u));
            Compare(
                (w, g, u, n, y, p) => GatedProduct.ClampedSwiGlu(w, g, u, 1.702f, 7, n, y, p),
                (g, u) => Activation.ClampedSwiGlu(g, u, 1.702f, 7));

            void Compare(Gated gated, Apart apart)
            {
                float[] up = RandomWeights.Activations(count * columns, seed: 2);
                float[] expectedGate = RandomWeights.Activations(count * columns, seed: 1);
                float[] gate = [.. expectedGate];
                float[] expected = new float[count * Rows];
                float[] y = new float[count * Rows];
                apart(expectedGate, up);
                MatMul.Multiply(weights.Matrix, expectedGate, count, expected, pool);
                gated(weights.Matrix, gate, up, count, y, pool);
                Assert.Equal(expected, y);
                Assert.Equal(expectedGate, gate);
            }
        }
    }

    [Fact]
    public void Short_arrays_are_refused()
    {
        using var pool = new WorkerPool(1);
        using var weights = new RandomWeights(TensorFormat.All.Values.Single(f => f.Name == "Q8_0"), 4, 64, seed: 4);
        Assert.Throws<ArgumentException>(
            () => GatedProduct.Silu(weights.Matrix, new float[128], new float[127], 2, new float[8], pool));
        Assert.Throws<ArgumentException>(
            () => GatedProduct.Silu(weights.Matrix, new float[127], new float[128], 2, new float[8], pool));
        Assert.Throws<ArgumentException>(
            () => GatedProduct.Silu(weights.Matrix, new float[128], new float[128], 2, new float[7], pool));
    }
}
