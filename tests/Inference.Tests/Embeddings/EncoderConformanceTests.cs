using System.Runtime.CompilerServices;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Inference.Embeddings;
using Causerie.Inference.Tests.Models;
using Causerie.Tests;

namespace Causerie.Inference.Tests.Embeddings;

/// <summary>Tiny random models give the peer's vectors.</summary>
/// <remarks>
/// llama.cpp as node-llama-cpp 3.22.1 ships it. With <c>CAUSERIE_KEEP_MODELS</c> set to a folder these tests leave their models
/// there, and <c>node peer-embeddings.mjs FOLDER</c> makes <c>peer-embeddings.json</c> of them.
/// </remarks>
public sealed class EncoderConformanceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bert_gives_the_peers_tokens_and_vectors()
    {
        string file = "weights/archs/bert-cls-f16.gguf";
        using var expected = JsonDocument.Parse(File.ReadAllBytes(ConformanceData.Require("weights/embeddings-expected.json")));
        var entry = expected.RootElement.GetProperty("models").EnumerateArray().Single(model => model.GetProperty("file").GetString() == file);
        var cases = entry.GetProperty("cases").EnumerateArray().ToList();
        Assert.True(cases.Count > 5);
        using var model = LoadedModel.Load(ConformanceData.Require(file));
        await using var embedder = new Embedder(model);
        foreach (var one in cases)
            Assert.Equal(Numbers<int>(one.GetProperty("tokens")), model.Tokenizer.Encode(one.GetProperty("text").GetString()!, addSpecial: true));
        var answer = await embedder.EmbedAsync(
            new EmbeddingRequest
            {
                Model = "any",
                Inputs = [.. cases.Select(one => EmbeddingInput.Of(one.GetProperty("text").GetString()!))],
            },
            Token);
        Assert.Equal(cases.Sum(one => one.GetProperty("tokens").GetArrayLength()), answer.PromptTokens);
        for (int i = 0; i < cases.Count; i++)
            Near(Numbers<float>(cases[i].GetProperty("embedding_l2")), answer.Vectors[i].Span, 3e-3);
    }

    [Theory]
    [InlineData("bert", 3e-3)] // The peer looks GELU up in a table of f16 values.
    [InlineData("nomic-bert", 1e-3)]
    [InlineData("qwen3-mean", 1e-3)] // Keys and values are rounded to f16 on both sides.
    [InlineData("qwen3-cls", 1e-5)]
    [InlineData("qwen3-last", 1e-3)]
    public async Task What_no_shared_file_covers_equals_the_peer_too(string name, double tolerance)
    {
        var made = name switch
        {
            "bert" => RandomModel.Bert(),
            "nomic-bert" => RandomModel.NomicBert(),
            "qwen3-mean" => RandomModel.PooledQwen3(1),
            "qwen3-cls" => RandomModel.PooledQwen3(2),
            _ => RandomModel.PooledQwen3(3),
        };
        string path = made.Write(Path.GetTempPath());
        try
        {
            if (Environment.GetEnvironmentVariable("CAUSERIE_KEEP_MODELS") is { Length: > 0 } folder)
                File.Copy(path, Path.Combine(folder, name + ".gguf"), overwrite: true);
            using var expected = JsonDocument.Parse(File.ReadAllBytes(Expected()));
            using var model = LoadedModel.Load(path);
            await using var embedder = new Embedder(model);
            foreach (var one in expected.RootElement.GetProperty(name).EnumerateArray())
            {
                var vectors = await embedder.EmbedAsync([Numbers<int>(one.GetProperty("tokens"))], cancellationToken: Token);
                Near(Numbers<float>(one.GetProperty("vector")), vectors[0].Span, tolerance);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Near(float[] expected, ReadOnlySpan<float> vector, double tolerance)
    {
        Assert.Equal(expected.Length, vector.Length);
        double dot = 0, ours = 0, theirs = 0, furthest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            dot += (double)expected[i] * vector[i];
            ours += (double)vector[i] * vector[i];
            theirs += (double)expected[i] * expected[i];
            furthest = Math.Max(furthest, Math.Abs(expected[i] - vector[i]));
        }

        double cosine = dot / Math.Sqrt(ours * theirs);
        TestContext.Current.TestOutputHelper?.WriteLine($"1 − cosine {1 - cosine:e2}, largest difference {furthest:e2}");
        Assert.InRange(ours, 1 - 1e-6, 1 + 1e-6);
        Assert.True(cosine > 0.9999 && furthest < tolerance, $"cosine {cosine}, largest difference {furthest:e2}");
    }

    private static T[] Numbers<T>(JsonElement array) => PeerLogits.Numbers<T>(array);

    private static string Expected([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "peer-embeddings.json");
}
