using System.Text;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Inference.KvCache;
using Causerie.Tests;

namespace Causerie.Inference.Tests.Engines;

/// <summary>The one trained model writes the stored texts, greedily.</summary>
public class StoriesTests
{
    // The peer's own dot products round differently; its logits run from −10 to 25.
    private const float LogitTolerance = 1e-3f;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KvElement.F32)]
    [InlineData(KvElement.F16)]
    public async Task Greedy_text_equals_the_peers_token_by_token(KvElement element)
    {
        using var expected = Json("weights/stories260K-greedy.json");
        await using var local = Load("weights/stories260K.gguf", element);
        float worst = 0;
        foreach (var entry in expected.RootElement.GetProperty("cases").EnumerateArray())
        {
            int[] prompt = entry.GetProperty("prompt_tokens").Deserialize<int[]>()!;
            Assert.Equal(prompt, local.Model.Tokenizer.Encode(entry.GetProperty("prompt").GetString()!, addSpecial: true));
            var steps = entry.GetProperty("steps").EnumerateArray().ToArray();
            int[] tokens = [.. steps.Select(step => step.GetProperty("token").GetInt32())];

            var (ids, text) = await Greedy(local, prompt, tokens.Length);
            Assert.Equal(tokens, ids);
            Assert.Equal(entry.GetProperty("text").GetString(), text);

            int[] read = [.. prompt, .. tokens];
            var rows = new float[read.Length][];
            local.Model.Logits(read, (position, logits) => rows[position] = logits.ToArray(), cancellationToken: Stop);
            for (int i = 0; i < steps.Length; i++)
                foreach (var top in steps[i].GetProperty("top").EnumerateArray())
                    worst = Math.Max(worst, Math.Abs(
                        rows[prompt.Length - 1 + i][top[0].GetInt32()] - top[1].GetSingle()));
            float[] first = entry.GetProperty("logits_after_prompt").Deserialize<float[]>()!;
            for (int id = 0; id < first.Length; id++)
                worst = Math.Max(worst, Math.Abs(rows[prompt.Length - 1][id] - first[id]));
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"largest difference of a logit: {worst:g3}");
        Assert.InRange(worst, 0, LogitTolerance);
    }

    /// <summary>
    /// Keys and values in eight bits move the logits a little: where two tokens are nearly equal the texts may part.
    /// Each token that is written must be nearly the best one, given the text so far, with nothing rounded.
    /// </summary>
    [Fact]
    public async Task With_an_eight_bit_cache_every_token_is_nearly_the_best()
    {
        const float Slack = 0.3f;
        using var expected = Json("weights/stories260K-greedy.json");
        await using var local = Load("weights/stories260K.gguf", KvElement.Q8_0);
        float worst = 0;
        foreach (var entry in expected.RootElement.GetProperty("cases").EnumerateArray())
        {
            int[] prompt = entry.GetProperty("prompt_tokens").Deserialize<int[]>()!;
            var (ids, _) = await Greedy(local, prompt, entry.GetProperty("steps").GetArrayLength());
            local.Model.Logits([.. prompt, .. ids], (position, logits) =>
            {
                int step = position - prompt.Length + 1;
                if (step < 0 || step >= ids.Length)
                    return;
                float best = float.NegativeInfinity;
                foreach (float logit in logits)
                    best = Math.Max(best, logit);
                worst = Math.Max(worst, best - logits[ids[step]]);
            }, cancellationToken: Stop);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"a token is at most {worst:g3} below the best");
        Assert.InRange(worst, 0, Slack);
    }

    /// <summary>
    /// A quantised file's activations are quantised too, here and at the peer, in different ways: where two tokens are
    /// nearly equal the texts part. Each of the peer's tokens must be nearly our best one, given its own text so far.
    /// </summary>
    [Theory]
    [InlineData("BF16", 0)]
    [InlineData("F16", 0)]
    [InlineData("Q8_0", 0.15f)]
    [InlineData("Q5_0", 0.15f)]
    [InlineData("Q4_0", 0.15f)]
    [InlineData("Q4_1", 0.15f)]
    public async Task Quantised_files_write_the_peers_text_or_nearly(string format, float slack)
    {
        string file = $"weights/quants/stories260K-{format}.gguf";
        using var expected = Json("weights/stories260K-quants-greedy.json");
        await using var local = Load(file, KvElement.F32);
        int same = 0, cases = 0;
        float worst = 0;
        foreach (var entry in expected.RootElement.EnumerateArray()
            .Single(entry => entry.GetProperty("file").GetString() == file).GetProperty("cases").EnumerateArray())
        {
            int[] prompt = local.Model.Tokenizer.Encode(entry.GetProperty("prompt").GetString()!, addSpecial: true);
            int[] tokens = entry.GetProperty("tokens").Deserialize<int[]>()!;
            var (ids, _) = await Greedy(local, prompt, tokens.Length);
            cases++;
            same += ids.SequenceEqual(tokens) ? 1 : 0;
            int[] read = [.. prompt, .. tokens];
            local.Model.Logits(read, (position, logits) =>
            {
                int step = position - prompt.Length + 1;
                if (step < 0 || step >= tokens.Length)
                    return;
                float best = float.NegativeInfinity;
                foreach (float logit in logits)
                    best = Math.Max(best, logit);
                worst = Math.Max(worst, best - logits[tokens[step]]);
            }, cancellationToken: Stop);
        }
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{format}: {same} of {cases} texts equal, a token of the peer's is at most {worst:g3} below ours");
        Assert.InRange(worst, 0, slack);
        if (slack == 0)
            Assert.Equal(cases, same);
    }

    private static JsonDocument Json(string name) => JsonDocument.Parse(File.ReadAllText(ConformanceData.Require(name)));

    private static LocalModel Load(string name, KvElement element) =>
        new(LoadedModel.Load(ConformanceData.Require(name), new LoadOptions { KvElement = element }));

    private static async Task<(int[] Ids, string Text)> Greedy(LocalModel local, int[] prompt, int count)
    {
        var request = new GenerationRequest(prompt) { MaxTokens = count, Sampling = SamplingOptions.Greedy };
        var ids = new List<int>();
        await foreach (var step in local.Engine.GenerateAsync(request, Stop))
            if (step is GeneratedToken token)
                ids.Add(token.Id);
        var text = new StringBuilder();
        await foreach (var step in local.CompleteAsync(request, [], Stop))
            if (step is ChatText piece)
                text.Append(piece.Text);
        return ([.. ids], text.ToString());
    }
}
