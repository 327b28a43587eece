using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Kernels;

/// <summary>Where every position sees all others, attention is its definition, and the same bits however it is computed.</summary>
public sealed class BidirectionalAttentionTests
{
    [Theory]
    [InlineData(4, 4, 64, 64, 0)]
    [InlineData(6, 2, 40, 24, 0)]
    [InlineData(12, 12, 5, 3, 2)]
    public void It_follows_the_definition(int heads, int kvHeads, int headDim, int valueDim, float cap)
    {
        var shape = new AttentionShape(heads, kvHeads, headDim, valueDim, 0.2f, 0, cap, Bidirectional: true);
        using var one = new WorkerPool(1);
        using var many = new WorkerPool(5);
        foreach (int length in (int[])[1, 2, 7, 64, 65, 200, 1030, 2100])
        {
            var inputs = new AttentionInputs(shape, length, length, sinks: false);
            var kv = inputs.Stored(KvPages.F32, room: 40);
            float[] whole = Run(0, length, one, VectorWidths.Widest());
            if (length <= 200)
            {
                double[] exact = inputs.Definition();
                for (int i = 0; i < exact.Length; i++)
                    Assert.InRange(whole[i], exact[i] - 3e-6, exact[i] + 3e-6);
            }

            Assert.Equal(whole, Run(0, length, many, VectorWidths.Widest()));
            if (length <= 200)
                Assert.Equal(whole, Run(0, length, one, VectorWidth.Scalar));
            foreach (int row in (int[])[0, length / 2, length - 1])
            {
                int width = heads * valueDim;
                Assert.Equal(whole[(row * width)..((row + 1) * width)], Run(row, 1, many, VectorWidths.Widest()));
            }

            float[] Run(int first, int count, WorkerPool pool, VectorWidth width)
            {
                float[] output = new float[count * heads * valueDim];
                int row = heads * headDim;
                Attention.Run(shape, inputs.Q.AsSpan(first * row, count * row), kv.View, count, length, [], output, pool, width);
                return output;
            }
        }
    }

    [Fact]
    public void A_window_is_refused()
    {
        var shape = new AttentionShape(1, 1, 4, 4, 1, Window: 3, Bidirectional: true);
        var inputs = new AttentionInputs(shape with { Window = 0 }, 4, 4, sinks: false);
        using var pool = new WorkerPool(1);
        Assert.Throws<ArgumentException>(() => Attention.Run(
            shape, inputs.Q, inputs.Stored(KvPages.F32).View, 4, 4, [], new float[16], pool));
    }
}
