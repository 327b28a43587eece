using Causerie.Compute.Formats;

namespace Causerie.Compute.Tests.Formats;

/// <summary>Weights that were quantised come back within the step of their format.</summary>
public sealed class QuantizeTests
{
    /// <summary>The largest error of one weight, as a part of the furthest weight of its block.</summary>
    private static readonly Dictionary<string, float> Errors = new()
    {
        ["F32"] = 0,
        ["F16"] = 1 / 2048f,
        ["BF16"] = 1 / 256f,
        ["Q8_0"] = 1 / 250f, // half a step of 1/127, and the scale's own rounding
        ["Q4_0"] = 1 / 7.9f, // a whole step, where the opposite of the furthest weight is cut to 7
        ["Q5_0"] = 1 / 15.9f,
        ["Q4_1"] = 1 / 14.5f, // half of a step of (max − min) / 15
        ["Q5_1"] = 1 / 30f,
        ["Q2_K"] = 0.5f, // half of a step of (max − min) / 3, and the six- or four-bit scales' roundings
        ["Q3_K"] = 1 / 3.5f,
        ["Q4_K"] = 1 / 10f,
        ["Q5_K"] = 1 / 16f,
        ["Q6_K"] = 1 / 28f,
        ["IQ4_NL"] = 14 / 113f, // 127 against 113 on the other side
        ["IQ4_XS"] = 18 / 113f,
        ["MXFP4"] = 1 / 3f, // up to half of the step from 4 to 6, under twice the power of two that was needed
    };

    public static TheoryData<string> Written => [.. Errors.Keys];

    public static TheoryData<string> NotWritten =>
        [.. TensorFormat.All.Values.Select(f => f.Name).Except(Errors.Keys)];

    private static TensorFormat Format(string name) => TensorFormat.All.Values.Single(f => f.Name == name);

    private static float[] RoundTrip(TensorFormat format, float[] values)
    {
        byte[] blocks = new byte[format.BytesFor(values.Length)];
        Array.Fill(blocks, (byte)0xA5); // What lay there before plays no part.
        format.Quantize(values, blocks);
        var back = new float[values.Length];
        format.Dequantize(blocks, back);
        return back;
    }

    [Theory]
    [MemberData(nameof(Written))]
    public void Comes_back_within_the_step(string name)
    {
        var format = Format(name);
        var random = new Random(7);
        int length = Math.Max(format.BlockLength, 32);
        for (int block = 0; block < 400; block++)
        {
            float size = MathF.Pow(10, (block % 7 / 2f) - 1.5f); // weights so small that scales become subnormal lose more
            float[] values = [.. Enumerable.Range(0, length).Select(_ => Normal(random) * size)];
            if (block % 5 == 0)
                values = [.. values.Select(MathF.Abs)];
            if (block % 5 == 1)
                values[random.Next(length)] = -10 * size;
            AssertWithin(format, values, Errors[name]);
        }
    }

    [Theory]
    [MemberData(nameof(Written))]
    public void Keeps_zeros_and_one_lone_weight(string name)
    {
        var format = Format(name);
        var values = new float[Math.Max(format.BlockLength, 32)];
        Assert.All(RoundTrip(format, values), value => Assert.Equal(0, value));
        foreach (float lone in (ReadOnlySpan<float>)[1, -1, 0.02f, -300])
        {
            values[5] = lone;
            AssertWithin(format, values, Errors[name]);
        }
    }

    /// <summary>A bound on the largest error says little of the mean one, which wrong bits of few weights raise.</summary>
    [Theory]
    [InlineData("Q8_0", 0.006)]
    [InlineData("Q6_K", 0.03)]
    [InlineData("Q5_K", 0.05)]
    [InlineData("Q5_1", 0.05)]
    [InlineData("Q5_0", 0.06)]
    [InlineData("Q4_K", 0.1)]
    [InlineData("Q4_1", 0.1)]
    [InlineData("Q4_0", 0.12)]
    [InlineData("IQ4_NL", 0.11)]
    [InlineData("IQ4_XS", 0.12)]
    [InlineData("MXFP4", 0.2)]
    [InlineData("Q3_K", 0.25)]
    [InlineData("Q2_K", 0.45)]
    public void Loses_little_of_normal_weights(string name, double most)
    {
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, 1 << 14).Select(_ => Normal(random))];
        var back = RoundTrip(Format(name), values);
        double lost = Math.Sqrt(values.Zip(back, (a, b) => (double)(a - b) * (a - b)).Average());
        Assert.InRange(lost, 0, most);
    }

    [Theory]
    [MemberData(nameof(NotWritten))]
    public void A_format_that_is_only_read_says_so(string name)
    {
        var format = Format(name);
        var thrown = Assert.Throws<NotSupportedException>(
            () => format.Quantize(new float[format.BlockLength], new byte[format.BlockBytes]));
        Assert.Contains(name, thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Written))]
    public void Refuses_what_it_cannot_hold(string name)
    {
        var format = Format(name);
        var values = new float[format.BlockLength];
        byte[] block = new byte[format.BlockBytes];
        Assert.Throws<ArgumentException>(() => format.Quantize(values, block.AsSpan(1)));
        Assert.Throws<ArgumentException>(() => format.Quantize(values, new byte[format.BlockBytes * 2]));
        foreach (float wrong in (ReadOnlySpan<float>)[float.NaN, float.PositiveInfinity])
        {
            values[0] = wrong;
            Assert.Throws<ArgumentException>(() => format.Quantize(values, block));
        }
    }

    [Theory]
    [InlineData("F16", 1e6f)]
    [InlineData("Q4_0", 1e6f)]
    [InlineData("Q6_K", 1e9f)]
    public void Refuses_scales_beyond_f16(string name, float huge)
    {
        var format = Format(name);
        var values = new float[format.BlockLength];
        values[0] = huge;
        Assert.Throws<OverflowException>(() => format.Quantize(values, new byte[format.BlockBytes]));
    }

    private static void AssertWithin(TensorFormat format, float[] values, float error)
    {
        float[] back = RoundTrip(format, values);
        for (int start = 0; start < values.Length; start += format.BlockLength)
        {
            float furthest = values.Skip(start).Take(format.BlockLength).Max(MathF.Abs);
            for (int i = start; i < start + format.BlockLength; i++)
            {
                // The smallest f16 is a step of its own.
                if (MathF.Abs(values[i] - back[i]) > (error * furthest) + (error > 0 ? 3e-6f : 0))
                    Assert.Fail($"{format.Name} weight {i}: {values[i]:R} became {back[i]:R}; furthest {furthest:R}");
            }
        }
    }

    private static float Normal(Random random) => (float)(
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
