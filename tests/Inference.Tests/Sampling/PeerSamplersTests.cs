using System.Text.Json;
using Causerie.Chat;
using Causerie.Inference.Sampling;

namespace Causerie.Inference.Tests.Sampling;

/// <summary>The chain leaves the same tokens with the same logits as llama.cpp's; the script beside makes the values.</summary>
public sealed class PeerSamplersTests
{
    private static readonly SamplerDefaults Off = new() { Temperature = 1, TopK = 0, TopP = 1, MinP = 0 };

    private static JsonElement Data { get; } = Load();

    public static TheoryData<string> Names() =>
        [.. Data.GetProperty("cases").EnumerateArray().Select(item => item.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Same_tokens_are_left(string name)
    {
        var item = Data.GetProperty("cases").EnumerateArray()
            .Single(item => item.GetProperty("name").GetString() == name);
        float[] logits = Data.GetProperty("logits").GetProperty(item.GetProperty("logits").GetString()!)
            .Deserialize<float[]>()!;
        var options = item.GetProperty("options").Deserialize<SamplingOptions>()!;
        Dictionary<int, float> expected;
        if (item.TryGetProperty("left", out var left))
        {
            expected = Pairs(left);
        }
        else
        {
            expected = logits.Index().ToDictionary(pair => pair.Index, pair => pair.Item);
            foreach (var (id, logit) in Pairs(item.GetProperty("changed")))
                expected[id] = logit;
        }

        var tokenizer = ByteTokenizer.Of();
        var sampler = Sampler.Create(options, Off, tokenizer, seed: 1);
        foreach (int token in tokenizer.Encode(item.GetProperty("history").GetString()!))
            sampler.Accept(token);
        var candidates = sampler.Narrow(logits);

        var actual = Enumerable.Range(0, candidates.Count).ToDictionary(candidates.Id, candidates.Logit);
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach (var (id, logit) in expected)
            Assert.True(Math.Abs(actual[id] - logit) <= 1e-4 * Math.Max(1, Math.Abs(logit)), $"{id}: {actual[id]} ≠ {logit}");
    }

    private static Dictionary<int, float> Pairs(JsonElement pairs) =>
        pairs.EnumerateArray().ToDictionary(pair => pair[0].GetInt32(), pair => pair[1].GetSingle());

    private static JsonElement Load()
    {
        using var stream = typeof(PeerSamplersTests).Assembly.GetManifestResourceStream("peer-samplers.json")!;
        return JsonDocument.Parse(stream).RootElement;
    }
}
