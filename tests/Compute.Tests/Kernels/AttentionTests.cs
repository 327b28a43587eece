using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Kernels;

/// <summary>Attention agrees with its definition in double.</summary>
public sealed class AttentionTests
{
    public static TheoryData<int, int, int, int, int, float, bool> Shapes => new()
    {
        // heads, kv heads, head dim, value dim, window, cap, sinks
        { 4, 4, 64, 64, 0, 0, false },
        { 8, 2, 64, 64, 0, 0, true },
        { 6, 1, 40, 24, 0, 0, false },
        { 4, 2, 128, 96, 13, 0, true },
        { 4, 2, 32, 32, 50, 30, false },
        { 2, 1, 5, 3, 1, 2, true },
        { 40, 2, 16, 16, 0, 0, false },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Follows_the_definition(int heads, int kvHeads, int headDim, int valueDim, int window, float cap, bool sinks)
    {
        var shape = new AttentionShape(heads, kvHeads, headDim, valueDim, 0.2f, window, cap);
        using var pool = new WorkerPool(2);
        foreach (var (count, length) in new[] { (1, 1), (1, 33), (7, 7), (5, 100), (40, 64), (1, 700), (3, 1030) })
        {
            var inputs = new AttentionInputs(shape, count, length, sinks);
            float[] half = Run(inputs, KvPages.F16), single = Run(inputs, KvPages.F32);
            double[] exact = inputs.Definition();
            for (int i = 0; i < exact.Length; i++)
                Assert.InRange(half[i], exact[i] - 3e-6, exact[i] + 3e-6);
            Assert.Equal(half, single);

            float[] Run(AttentionInputs inputs, KvFormat format)
            {
                float[] output = new float[count * heads * valueDim];
                Attention.Run(shape, inputs.Q, inputs.Stored(format).View, count, length, inputs.Sinks, output, pool);
                return output;
            }
        }
    }

    /// <summary>
    /// An eight-bit cache is exact arithmetic on rounded keys and values: each is at most half a step from the true
    /// one, and a step is the largest of its 32 divided by 127.
    /// </summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void In_eight_bits_it_stays_near_the_definition(
        int heads, int kvHeads, int headDim, int valueDim, int window, float cap, bool sinks)
    {
        var shape = new AttentionShape(heads, kvHeads, headDim, valueDim, 0.2f / headDim, window, cap);
        using var pool = new WorkerPool(2);
        foreach (var (count, length) in new[] { (1, 1), (1, 33), (5, 100), (40, 64) })
        {
            var inputs = new AttentionInputs(shape, count, length, sinks);
            float[] output = new float[count * heads * valueDim];
            Attention.Run(shape, inputs.Q, inputs.Stored(KvPages.Q8_0).View, count, length, inputs.Sinks, output, pool);
            double[] near = inputs.Definition(
                Rounded(inputs.Keys, headDim), Rounded(inputs.Values, valueDim)), exact = inputs.Definition();
            for (int i = 0; i < exact.Length; i++)
            {
                Assert.InRange(output[i], near[i] - 3e-6, near[i] + 3e-6);
                Assert.InRange(output[i], exact[i] - 0.03, exact[i] + 0.03);
            }
        }
    }

    [Fact]
    public void Positions_outside_the_window_and_in_the_future_are_not_read()
    {
        var shape = new AttentionShape(2, 1, 16, 16, 0.25f, Window: 8);
        var inputs = new AttentionInputs(shape, 1, 64, sinks: false);
        float[] before = new float[32];
        float[] after = new float[32];
        using var pool = new WorkerPool(1);
        Attention.Run(shape, inputs.Q, inputs.Stored(KvPages.F16).View, 1, 40, [], before, pool);
        for (int i = 0; i < inputs.Keys.Length; i++)
        {
            if (i / 16 is < 32 or >= 40)
                inputs.Keys[i] = inputs.Values[i] = float.NaN;
        }

        Attention.Run(shape, inputs.Q, inputs.Stored(KvPages.F16).View, 1, 40, [], after, pool);
        Assert.Equal(before, after);
        Assert.DoesNotContain(float.NaN, after);
    }

    [Fact]
    public void Short_buffers_and_impossible_shapes_are_refused()
    {
        var shape = new AttentionShape(4, 2, 8, 8, 1);
        var inputs = new AttentionInputs(shape, 2, 4, sinks: true);
        var kv = inputs.Stored(KvPages.F16);
        float[] output = new float[2 * 4 * 8];
        using var pool = new WorkerPool(1);
        void Run(AttentionShape s, int q, int sinks, int o, int count = 2, int length = 4) => Attention.Run(
            s, inputs.Q.AsSpan(0, q), kv.View, count, length, inputs.Sinks.AsSpan(0, sinks), output.AsSpan(0, o), pool);
        Run(shape, 64, 4, 64);
        Assert.Throws<ArgumentException>(() => Run(shape, 63, 4, 64));
        Assert.Throws<ArgumentException>(() => Run(shape, 64, 3, 64));
        Assert.Throws<ArgumentException>(() => Run(shape, 64, 4, 63));
        Assert.Throws<ArgumentException>(() => Run(shape, 64, 4, 64, length: 65));
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(shape, 64, 4, 64, count: 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(shape with { KvHeads = 3 }, 64, 4, 64));
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(shape with { KvHeads = 0 }, 64, 4, 64));
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(shape with { Heads = 3 }, 64, 4, 64));
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(shape with { HeadDim = 7 }, 64, 4, 64));
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(shape with { ValueDim = 9 }, 64, 4, 64));
    }

    /// <summary>The definition of q8_0, head by head, in the plainest words.</summary>
    internal static float[] Rounded(float[] values, int dim) =>
    [
        .. values.Chunk(dim).SelectMany(head => head.Chunk(32)).SelectMany(block =>
        {
            float scale = (float)(Half)(block.Max(MathF.Abs) / 127);
            float inverse = 1 / scale;
            return block.Select(v => scale == 0 ? 0 : Math.Clamp(MathF.Round(v * inverse), -127, 127) * scale);
        }),
    ];
}
