using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Kernels;

/// <summary>What is stored is what is read, at the price that is named.</summary>
public sealed class KvPagesTests
{
    [Theory]
    [InlineData(64, 64, 2 * 128, 2 * 68)]
    [InlineData(128, 96, 2 * 224, 128 + 96 + 14)]
    [InlineData(5, 3, 2 * 8, 8 + 4)]
    [InlineData(33, 32, 2 * 65, 65 + 6)]
    public void A_position_takes_the_bytes_that_it_says(int headDim, int valueDim, long half, long eight)
    {
        Assert.Equal(2 * 3 * 64 * half, KvPages.F16(2, 3, headDim, valueDim, 0).PageBytes);
        Assert.Equal(2 * 6 * 64 * half, KvPages.F32(2, 3, headDim, valueDim, 0).PageBytes);
        Assert.Equal(2 * 3 * 64 * eight, KvPages.Q8_0(2, 3, headDim, valueDim, 0).PageBytes);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(64, 1)]
    [InlineData(65, 2)]
    [InlineData(int.MaxValue, 1 << 25)]
    public void Positions_need_whole_pages(int positions, int pages) => Assert.Equal(pages, KvPages.For(positions));

    [Fact]
    public void A_copied_page_gives_what_the_first_gives_and_stays_when_that_changes()
    {
        var shape = new AttentionShape(2, 2, 20, 12, 0.3f);
        var inputs = new AttentionInputs(shape, 1, 30, sinks: false);
        using var pool = new WorkerPool(1);
        using var pages = KvPages.F16(2, 2, 20, 12, 3);
        for (int layer = 0; layer < 2; layer++)
            pages.View(layer, [0]).Store(0, 30, inputs.Keys, inputs.Values, pool);
        float[] first = Attended(0, 1);
        pages.Copy(0, 2);
        pages.View(1, [0]).Store(0, 30, inputs.Keys, inputs.Keys, pool);
        Assert.NotEqual(first, Attended(0, 1));
        Assert.Equal(first, Attended(2, 0));
        Assert.Equal(first, Attended(2, 1));

        float[] Attended(int page, int layer)
        {
            float[] output = new float[24];
            Attention.Run(shape, inputs.Q, pages.View(layer, [page]), 1, 30, [], output, pool);
            return output;
        }
    }

    [Fact]
    public void There_must_be_room_for_what_is_stored()
    {
        using var pages = KvPages.Q8_0(2, 1, 4, 4, 3);
        using var pool = new WorkerPool(1);
        void Store(int position, int count, int keys, int values) =>
            pages.View(0, [2]).Store(position, count, new float[keys], new float[values], pool);
        Store(63, 1, 4, 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => Store(63, 2, 8, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => Store(-1, 1, 4, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => Store(0, 2, 7, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => Store(0, 2, 8, 7));
    }

    [Fact]
    public void There_are_no_other_pages_than_those_that_were_asked_for()
    {
        using var pages = KvPages.Q8_0(2, 1, 4, 4, 3);
        foreach (var (layer, page) in new[] { (0, 3), (0, -1), (2, 0), (-1, 0) })
            Assert.Throws<ArgumentOutOfRangeException>(() => pages.View(layer, [page]).Capacity);
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.Copy(0, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.Copy(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => KvPages.F16(0, 1, 4, 4, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => KvPages.F16(1, 0, 4, 4, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => KvPages.F16(1, 1, 0, 4, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => KvPages.F16(1, 1, 4, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => KvPages.F16(1, 1, 4, 4, -1));
        Assert.Throws<OverflowException>(() => KvPages.F16(int.MaxValue, int.MaxValue, int.MaxValue, 4, 1));
    }

    /// <summary>A softmax over one position is 1, so attention gives the value back as it was kept.</summary>
    [Fact]
    public void Eight_bits_keep_a_value_within_half_a_step()
    {
        using var pool = new WorkerPool(1);
        foreach (int dim in new[] { 1, 31, 32, 33, 64, 100 })
        {
            foreach (float size in new[] { 1e-9f, 1e-5f, 0.01f, 1, 1000, 1e6f })
            {
                float[] value = [.. RandomWeights.Activations(dim, dim).Select(v => v * size)];
                float[] kept = Kept(value, pool);
                Assert.Equal(AttentionTests.Rounded(value, dim), kept);
                for (int i = 0; i < dim; i++)
                {
                    float largest = value.Skip(i / 32 * 32).Take(32).Max(MathF.Abs);

                    // Half a step, and what the scale lost in f16, where it may be subnormal.
                    float allowed = (largest / 127 * 0.51f) + (127 * 6e-8f);
                    Assert.InRange(kept[i], value[i] - allowed, value[i] + allowed);
                }
            }
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(1e8f)]
    public void What_eight_bits_cannot_keep_is_seen(float bad)
    {
        using var pool = new WorkerPool(1);
        float[] value = new float[40];
        value[35] = bad;
        float[] kept = Kept(value, pool);
        Assert.All(kept[..32], v => Assert.Equal(0, v));
        Assert.False(float.IsFinite(kept[35]), $"{kept[35]}");
    }

    /// <summary>Tiles that are all finite are read faster; one that is not must not be read so.</summary>
    [Theory]
    [InlineData(1e6f)]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void What_f16_cannot_keep_is_seen_until_the_page_begins_anew(float bad)
    {
        using var pool = new WorkerPool(2);
        var shape = new AttentionShape(5, 1, 32, 32, 1);
        var inputs = new AttentionInputs(shape, 1, 40, sinks: false);
        var kv = inputs.Stored(KvPages.F16);
        float[] good = Attended(), ones = [.. Enumerable.Repeat(1f, 32)];
        Assert.All(good, v => Assert.True(float.IsFinite(v)));
        float[] value = new float[32];
        value[31] = bad;
        kv.View.Store(20, 1, ones, value, pool);
        float[] seen = Attended();
        Assert.True(float.IsFinite(seen[0]));
        Assert.False(float.IsFinite(seen[31]), $"{seen[31]}");
        kv.View.Store(0, 40, inputs.Keys, inputs.Values, pool);
        Assert.Equal(good, Attended());

        float[] Attended()
        {
            float[] output = new float[5 * 32];
            Attention.Run(shape, inputs.Q, kv.View, 1, 40, [], output, pool);
            return output;
        }
    }

    private static float[] Kept(float[] value, WorkerPool pool)
    {
        using var pages = KvPages.Q8_0(1, 1, 1, value.Length, 1);
        var kv = pages.View(0, [0]);
        kv.Store(0, 1, [0], value, pool);
        float[] kept = new float[value.Length];
        Attention.Run(new AttentionShape(1, 1, 1, value.Length, 1), [0], kv, 1, 1, [], kept, pool);
        return kept;
    }
}
