using System.Runtime.InteropServices;
using System.Text.Json;
using Causerie.Compute.Formats;
using Causerie.Tests;

namespace Causerie.Compute.Tests.Formats;

/// <summary>Every scalar decoder gives the peer's numbers, bit for bit.</summary>
public sealed class DequantizeTests
{
    public static TheoryData<string> PeerFormats => [.. PeerCases().Select(c => c.Format)];

    private static List<(string Format, byte[] Blocks, float[] Values)> PeerCases()
    {
        using var stream = typeof(DequantizeTests).Assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith("dequantise.json", StringComparison.Ordinal))
            .Select(typeof(DequantizeTests).Assembly.GetManifestResourceStream).Single()!;
        using var json = JsonDocument.Parse(stream);
        return
        [
            .. json.RootElement.GetProperty("cases").EnumerateArray().Select(c => (
                c.GetProperty("format").GetString()!,
                c.GetProperty("blocks").GetBytesFromBase64(),
                MemoryMarshal.Cast<byte, float>(c.GetProperty("values").GetBytesFromBase64()).ToArray())),
        ];
    }

    private static TensorFormat Format(string name) => TensorFormat.All.Values.Single(f => f.Name == name);

    [Theory]
    [MemberData(nameof(PeerFormats))]
    public void Decodes_what_the_peer_decodes(string name)
    {
        var (_, blocks, expected) = PeerCases().Single(c => c.Format == name);
        var actual = new float[expected.Length];
        Format(name).Dequantize(blocks, actual);
        AssertSame(expected, actual);
    }

    [Fact]
    public void Every_format_has_peer_values() =>
        Assert.Equal(TensorFormat.All.Values.Select(f => f.Name).Order(), PeerCases().Select(c => c.Format).Order());

    [Fact]
    public void Decodes_the_rows_of_conformance_files()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(ConformanceData.Require("weights/dequant-vectors.json")));
        int checkedRows = 0;
        foreach (var vector in json.RootElement.GetProperty("vectors").EnumerateArray())
        {
            byte[] blocks = Convert.FromHexString(vector.GetProperty("row0_hex").GetString()!);
            float[] expected = [.. vector.GetProperty("row0_values").EnumerateArray().Select(v => v.GetSingle())];
            var format = Format(vector.GetProperty("type").GetString()!);
            Assert.Equal(blocks.Length, format.BytesFor(expected.Length));
            var actual = new float[expected.Length];
            format.Dequantize(blocks, actual);
            AssertClose(expected, actual, format.Name);
            checkedRows++;
        }

        Assert.Equal(17, checkedRows);
    }

    [Fact]
    public void A_type_that_cannot_be_decoded_still_has_a_name()
    {
        Assert.Equal("IQ2_XXS", GgmlTypeNames.Of(16));
        Assert.Equal("type 999", GgmlTypeNames.Of(999));
        Assert.All(TensorFormat.All.Values, f => Assert.Equal(f.Name, GgmlTypeNames.Of(f.Id)));
    }

    private static void AssertSame(float[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            // +0 and −0 are the same weight.
            if (expected[i] != actual[i])
                Assert.Fail($"weight {i}: {actual[i]:R} instead of {expected[i]:R}");
        }
    }

    // The file's decimals are rounded to eight digits.
    private static void AssertClose(float[] expected, float[] actual, string format)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (Math.Abs(expected[i] - actual[i]) > 1e-7f * Math.Abs(expected[i]))
                Assert.Fail($"{format} weight {i}: {actual[i]:R} instead of {expected[i]:R}");
        }
    }
}
