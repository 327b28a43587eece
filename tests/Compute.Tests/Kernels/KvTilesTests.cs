using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Kernels;

/// <summary>What is stored is what is read, at the price that is named.</summary>
public sealed class KvTilesTests
{
    [Theory]
    [InlineData(64, 64, 2 * 128, 2 * 68)]
    [InlineData(128, 96, 2 * 224, 128 + 96 + 14)]
    [InlineData(5, 3, 2 * 8, 8 + 4)]
    [InlineData(33, 32, 2 * 65, 65 + 6)]
    public void A_position_takes_the_bytes_that_it_says(int headDim, int valueDim, long half, long eight)
    {
        Assert.Equal(3 * half, KvTiles.F16(3, headDim, valueDim).BytesPerPosition);
        Assert.Equal(6 * half, KvTiles.F32(3, headDim, valueDim).BytesPerPosition);
        Assert.Equal(3 * eight, KvTiles.Q8_0(3, headDim, valueDim).BytesPerPosition);
    }

    [Fact]
    public void Room_grows_by_whole_tiles_and_keeps_what_it_holds()
    {
        var shape = new AttentionShape(2, 2, 20, 12, 0.3f);
        var inputs = new AttentionInputs(shape, 1, 30, sinks: false);
        using var pool = new WorkerPool(1);
        var kv = inputs.Stored(KvTiles.F16);
        Assert.Equal(32, kv.Capacity);
        float[] before = new float[24], after = new float[24];
        Attention.Run(shape, inputs.Q, kv, 1, 30, [], before, pool);
        kv.Reserve(1000);
        Assert.Equal(1008, kv.Capacity);
        kv.Reserve(3);
        Assert.Equal(1008, kv.Capacity);
        Attention.Run(shape, inputs.Q, kv, 1, 30, [], after, pool);
        Assert.Equal(before, after);
    }

    [Fact]
    public void There_must_be_room_for_what_is_stored()
    {
        var kv = KvTiles.Q8_0(1, 4, 4);
        using var pool = new WorkerPool(1);
        kv.Reserve(16);
        kv.Store(15, 1, new float[4], new float[4], pool);
        Assert.Throws<ArgumentOutOfRangeException>(() => kv.Store(15, 2, new float[8], new float[8], pool));
        Assert.Throws<ArgumentOutOfRangeException>(() => kv.Store(-1, 1, new float[4], new float[4], pool));
        Assert.Throws<ArgumentOutOfRangeException>(() => kv.Store(0, 2, new float[7], new float[8], pool));
        Assert.Throws<ArgumentOutOfRangeException>(() => kv.Store(0, 2, new float[8], new float[7], pool));
        Assert.Throws<ArgumentOutOfRangeException>(() => KvTiles.F16(0, 4, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => KvTiles.F16(1, 0, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => KvTiles.F16(1, 4, 0));
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
    public void What_f16_cannot_keep_is_seen_until_a_new_sequence_begins(float bad)
    {
        using var pool = new WorkerPool(2);
        var shape = new AttentionShape(5, 1, 32, 32, 1);
        var inputs = new AttentionInputs(shape, 1, 40, sinks: false);
        var kv = inputs.Stored(KvTiles.F16);
        float[] good = Attended(), ones = [.. Enumerable.Repeat(1f, 32)];
        Assert.All(good, v => Assert.True(float.IsFinite(v)));
        float[] value = new float[32];
        value[31] = bad;
        kv.Store(20, 1, ones, value, pool);
        float[] seen = Attended();
        Assert.True(float.IsFinite(seen[0]));
        Assert.False(float.IsFinite(seen[31]), $"{seen[31]}");
        kv.Store(0, 40, inputs.Keys, inputs.Values, pool);
        Assert.Equal(good, Attended());

        float[] Attended()
        {
            float[] output = new float[5 * 32];
            Attention.Run(shape, inputs.Q, kv, 1, 40, [], output, pool);
            return output;
        }
    }

    private static float[] Kept(float[] value, WorkerPool pool)
    {
        var kv = KvTiles.Q8_0(1, 1, value.Length);
        kv.Reserve(1);
        kv.Store(0, 1, [0], value, pool);
        float[] kept = new float[value.Length];
        Attention.Run(new AttentionShape(1, 1, 1, value.Length, 1), [0], kv, 1, 1, [], kept, pool);
        return kept;
    }
}
