using Causerie.Inference.KvCache;
using Causerie.Inference.Scheduling;
using Causerie.Tests;

namespace Causerie.Inference.Tests.Models;

/// <summary>Tiny random models of each architecture and format give the peer's exact logits.</summary>
public class ArchitectureConformanceTests
{
    private const double Tolerance = 1e-6;
    private const float DecidedMargin = 0.01f;

    public static TheoryData<string> Architectures { get; } =
    [
        "llama-dense", "llama-moe", "qwen2-dense", "qwen3-dense", "qwen3moe-moe", "gemma-dense", "gemma2-dense",
        "phi3-dense", "gpt-oss-moe", "gpt2-dense", "starcoder2-dense",
    ];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Logits_equal_the_peers(string name)
    {
        string file = $"weights/archs/{name}-f16.gguf";
        var entry = PeerLogits.Case(ConformanceData.Require("weights/archs-expected.json"), file);
        int[] tokens = PeerLogits.Numbers<int>(entry.GetProperty("tokens"));
        float[][] logits = PeerLogits.Compute(ConformanceData.Require(file), tokens);

        double error = PeerLogits.NormalisedError(logits, PeerLogits.Rows(entry.GetProperty("logits_exact_f32")));
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: NMSE {error:e2}");
        Assert.True(error < Tolerance, $"{name}: NMSE {error:e2} is not below {Tolerance:e0}.");
        int[] best = PeerLogits.Numbers<int>(entry.GetProperty("argmax"));
        float[] margin = PeerLogits.Numbers<float>(entry.GetProperty("margin"));
        for (int t = 0; t < tokens.Length; t++)
            if (margin[t] > DecidedMargin)
                Assert.Equal(best[t], PeerLogits.ArgMax(logits[t]));
    }

    [Theory]
    [InlineData("Gemma3", 1e-6)] // GELU by formula; the peer looks it up in a table of f16 values.
    [InlineData("LlamaYarn", 1e-10)]
    [InlineData("LlamaFactors", 1e-10)]
    [InlineData("Phi3", 1e-10)]
    public void What_no_shared_file_covers_equals_the_peer_too(string name, double tolerance)
    {
        var model = name switch
        {
            "Gemma3" => RandomModel.Gemma3(),
            "LlamaYarn" => RandomModel.LlamaYarn(),
            "LlamaFactors" => RandomModel.LlamaFactors(),
            _ => RandomModel.Phi3(),
        };
        string path = model.Write(Path.GetTempPath());
        float[] last = PeerLogits.Compute(path, PeerValues.Tokens)[^1];
        File.Delete(path);
        double error = PeerLogits.NormalisedError([last], [PeerValues.Last[name]]);
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: NMSE {error:e2}");
        Assert.True(error < tolerance, $"{name}: NMSE {error:e2} is not below {tolerance:e0}.");
    }

    [Theory]
    [InlineData("gpt-oss-moe-MXFP4")]
    [InlineData("llama-dense-IQ3_S")]
    [InlineData("llama-dense-Q2_K")]
    [InlineData("llama-dense-Q4_0")]
    [InlineData("llama-dense-Q4_K_M")]
    [InlineData("llama-dense-Q5_K_M")]
    [InlineData("llama-dense-Q6_K")]
    [InlineData("llama-dense-Q8_0")]
    [InlineData("llama-dense-TQ1_0")]
    public void Quantised_logits_are_as_near_as_the_peers(string name)
    {
        string file = $"weights/quants/{name}.gguf";
        var entry = PeerLogits.Case(ConformanceData.Require("weights/quants-expected.json"), file);
        int[] tokens = PeerLogits.Numbers<int>(entry.GetProperty("tokens"));
        float[][] logits = PeerLogits.Compute(ConformanceData.Require(file), tokens);

        double error = PeerLogits.NormalisedError(
            logits, PeerLogits.Rows(entry.GetProperty("logits_exact_dequantised_f32")));
        double allowed = (2 * entry.GetProperty("llamacpp_nmse_to_exact").GetDouble()) + 1e-5;
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: NMSE {error:e2} of {allowed:e2}");
        Assert.True(error <= allowed, $"{name}: NMSE {error:e2} is above {allowed:e2}.");
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Chunks_and_company_change_no_bit(string name)
    {
        string path = ConformanceData.Require($"weights/archs/{name}-f16.gguf");
        int[] tokens = [1, 75, 104, 111, 35, 52, 7, 127, 3, 64, 90, 12, 33, 99, 120, 5, 5, 5, 44, 81, 18, 3, 66, 101];
        foreach (var element in new[] { KvElement.F32, KvElement.F16, KvElement.Q8_0 })
        {
            float[][] whole = PeerLogits.Compute(path, tokens, element: element);
            foreach (int chunk in new[] { 1, 5, 16 })
                Assert.Equal(whole, PeerLogits.Compute(path, tokens, chunk, element));
            Assert.Equal(whole, PeerLogits.Compute(path, tokens, 7, element, others: [1, 9, 44, 101, 8]));
            // Rows without logits end in the last layer's cache; the one with logits is none the wiser.
            Assert.Equal(
                [whole[9], whole[19], whole[^1]],
                PeerLogits.Compute(path, tokens, 10, element, wanted: WantedLogits.Last));
        }
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Half_precision_keys_and_values_stay_near(string name)
    {
        string path = ConformanceData.Require($"weights/archs/{name}-f16.gguf");
        int[] tokens = [1, 75, 104, 111, 35, 52, 7, 127, 3, 64, 90, 12];
        double error = PeerLogits.NormalisedError(
            PeerLogits.Compute(path, tokens, element: KvElement.F16), PeerLogits.Compute(path, tokens));
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: NMSE {error:e2} with f16 keys and values");
        Assert.True(error < Tolerance, $"{name}: NMSE {error:e2} with f16 keys and values.");
    }

    // Rounding to 127 steps errs by about 3e-3 of the largest of 32 elements, some 1e-4 of the logits in energy.
    [Theory]
    [MemberData(nameof(Architectures))]
    public void Keys_and_values_in_eight_bits_stay_near(string name)
    {
        const double Loose = 3e-4;
        string path = ConformanceData.Require($"weights/archs/{name}-f16.gguf");
        int[] tokens = [1, 75, 104, 111, 35, 52, 7, 127, 3, 64, 90, 12];
        double error = PeerLogits.NormalisedError(
            PeerLogits.Compute(path, tokens, element: KvElement.Q8_0), PeerLogits.Compute(path, tokens));
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: NMSE {error:e2} with q8_0 keys and values");
        Assert.True(error < Loose, $"{name}: NMSE {error:e2} with q8_0 keys and values.");
    }
}
