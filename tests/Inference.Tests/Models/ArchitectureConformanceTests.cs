using System.Text.Json;
using Causerie.Compute.Threading;
using Causerie.Inference.Gguf;
using Causerie.Inference.KvCache;
using Causerie.Inference.Models;
using Causerie.Inference.Scheduling;
using Causerie.Tests;

namespace Causerie.Inference.Tests.Models;

/// <summary>Tiny random models of each architecture give the peer's exact logits.</summary>
public class ArchitectureConformanceTests
{
    private const double Tolerance = 1e-6;

    [Theory]
    [InlineData("llama-dense")]
    [InlineData("llama-moe")]
    [InlineData("qwen2-dense")]
    [InlineData("qwen3-dense")]
    [InlineData("qwen3moe-moe")]
    [InlineData("gemma-dense")]
    [InlineData("gemma2-dense")]
    [InlineData("phi3-dense")]
    [InlineData("gpt-oss-moe")]
    [InlineData("gpt2-dense")]
    [InlineData("starcoder2-dense")]
    public void Logits_equal_the_peers(string name)
    {
        string file = $"weights/archs/{name}-f16.gguf";
        using var expected = JsonDocument.Parse(
            File.ReadAllText(ConformanceData.Require("weights/archs-expected.json")));
        var entry = expected.RootElement.GetProperty("cases").EnumerateArray()
            .Single(entry => entry.GetProperty("file").GetString() == file);
        int[] tokens = Numbers<int>(entry.GetProperty("tokens"));
        float[][] exact = [.. entry.GetProperty("logits_exact_f32").EnumerateArray().Select(Numbers<float>)];

        float[][] logits = Logits(ConformanceData.Require(file), tokens);

        double error = NormalisedError(logits, exact);
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: NMSE {error:e2}");
        Assert.True(error < Tolerance, $"{name}: NMSE {error:e2} is not below {Tolerance:e0}.");
        int[] argmax = Numbers<int>(entry.GetProperty("argmax"));
        float[] margin = Numbers<float>(entry.GetProperty("margin"));
        for (int t = 0; t < tokens.Length; t++)
            if (margin[t] > 0.01)
                Assert.Equal(argmax[t], Array.IndexOf(logits[t], logits[t].Max()));
    }

    private static float[][] Logits(string path, int[] tokens)
    {
        using var file = GgufFile.Open(path);
        using var pool = new WorkerPool(1);
        var forward = Architecture.Of(file.Metadata).Load(file, 128);
        var state = forward.NewState(pool);
        var batch = new Batch();
        batch.Add(
            SequenceKv.Create(KvShape.Of(forward.Parameters, KvElement.F32, 128)), tokens, 0, WantedLogits.All);
        int width = forward.Parameters.VocabularySize;
        var all = forward.Run(state, batch).ToArray();
        return [.. Enumerable.Range(0, tokens.Length).Select(t => all[(t * width)..((t + 1) * width)])];
    }

    private static double NormalisedError(float[][] actual, float[][] exact)
    {
        double error = 0, energy = 0;
        for (int t = 0; t < exact.Length; t++)
            for (int i = 0; i < exact[t].Length; i++)
            {
                error += Math.Pow(actual[t][i] - exact[t][i], 2);
                energy += Math.Pow(exact[t][i], 2);
            }
        return error / energy;
    }

    private static T[] Numbers<T>(JsonElement array) => array.Deserialize<T[]>()!;
}
