using Causerie.Inference.Gguf;
using Causerie.Inference.Models;

namespace Causerie.Inference.Tests.Models;

/// <summary>A model file that would be answered wrongly is refused, and the message names the place.</summary>
public sealed class ModelFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("causerie-models-").FullName;

    public static TheoryData<string, string, object> SenselessKeys { get; } = new()
    {
        { "llama.attention.head_count", "0", 0u },
        { "llama.attention.head_count", "between 1 and", -4 },
        { "llama.attention.head_count_kv", "does not divide", 3u },
        { "llama.embedding_length", "between 1 and", 0xFFFFFFFFu },
        { "llama.block_count", "between 1 and", 0u },
        { "llama.context_length", "between 1 and", 0u },
        { "llama.feed_forward_length", "18446744073709551615", ulong.MaxValue },
        { "llama.attention.layer_norm_rms_epsilon", "between", float.NaN },
        { "llama.attention.layer_norm_rms_epsilon", "between", 0f },
        { "llama.rope.dimension_count", "even", 7u },
        { "llama.rope.dimension_count", "between 2 and 8", 16u },
        { "llama.rope.freq_base", "between", 0f },
        { "llama.rope.scaling.type", "'spiral'", "spiral" },
        { "llama.attention.causal", "causal", false },
        { "llama.attention.scale", "does not honour", 0.5f },
        { "llama.attn_logit_softcapping", "does not honour", 30f },
        { "llama.attention.head_count", "head_count", "eight" },
        { "llama.attention.key_length", "[32, 32]", 16u },
    };

    [Theory]
    [MemberData(nameof(SenselessKeys))]
    public void A_senseless_hyper_parameter_is_refused_by_name(string key, string reason, object value)
    {
        var model = RandomModel.Llama();
        model.Metadata[key] = value;
        var error = Refused(model);
        if (key != "llama.attention.key_length")
            Assert.Equal(key, error.Field);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llama.attention.head_count")]
    [InlineData("llama.block_count")]
    [InlineData("llama.embedding_length")]
    [InlineData("llama.context_length")]
    [InlineData("llama.attention.layer_norm_rms_epsilon")]
    public void A_missing_hyper_parameter_is_named(string key)
    {
        var model = RandomModel.Llama();
        model.Metadata.Remove(key);
        Assert.Equal(key, Refused(model).Field);
    }

    [Fact]
    public void An_unknown_architecture_is_refused_with_those_supported()
    {
        var model = RandomModel.Llama();
        model.Metadata["general.architecture"] = "cuneiform";
        var error = Refused(model);
        Assert.Contains("'cuneiform'", error.Message, StringComparison.Ordinal);
        foreach (string name in Architecture.All.Keys)
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_tensor_is_named()
    {
        var model = RandomModel.Llama();
        model.Tensors.Remove("blk.1.ffn_up.weight");
        Assert.Equal("blk.1.ffn_up.weight", Refused(model).Field);
    }

    [Fact]
    public void A_tensor_of_another_shape_is_refused_with_both_shapes()
    {
        var model = RandomModel.Llama();
        model.Tensors["blk.0.attn_k.weight"] = [RandomModel.Width, 24];
        var error = Refused(model);
        Assert.Equal("blk.0.attn_k.weight", error.Field);
        Assert.Contains("[32, 24]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[32, 16]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_nobody_uses_is_refused()
    {
        var model = RandomModel.Llama();
        model.Tensors["blk.0.attn_q_norm.weight"] = [8];
        Assert.Equal("blk.0.attn_q_norm.weight", Refused(model).Field);
    }

    [Fact]
    public void Frequency_factors_must_be_positive()
    {
        var model = RandomModel.Llama();
        model.Tensors["rope_freqs.weight"] = [4];
        model.Values["rope_freqs.weight"] = [1, 1, 0, 8];
        Assert.Equal("rope_freqs.weight", Refused(model).Field);
    }

    [Fact]
    public void A_value_that_says_nothing_is_no_reason_to_refuse()
    {
        var model = RandomModel.Llama();
        model.Metadata["llama.expert_weights_scale"] = 0f;
        model.Metadata["llama.attention.scale"] = 0f;
        model.Metadata["llama.use_parallel_residual"] = false;
        Load(model);
    }

    [Fact]
    public void A_context_beyond_the_models_is_refused()
    {
        string path = RandomModel.Llama().Write(_folder);
        var error = Assert.Throws<ArgumentException>(
            () => LoadedModel.Load(path, new LoadOptions { ContextLength = 129 }));
        Assert.Contains("128", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fuzzed_metadata_gives_an_answer_or_a_clear_refusal()
    {
        object[] odd =
        [
            0u, 1u, 2u, 3u, 7u, 8u, 31u, 33u, 64u, int.MaxValue, uint.MaxValue, ulong.MaxValue, -1, long.MinValue,
            0f, -1f, 1e-30f, 1e30f, float.NaN, float.PositiveInfinity, 0.5, true, false, "", "llama", "yarn", "linear",
            Array.Empty<int>(), new[] { 1, 2 }, new[] { 4u, 4u }, new[] { true, false }, new[] { "a" },
        ];
        string[] more =
        [
            "rope.scaling.type", "rope.scaling.factor", "rope.scaling.original_context_length", "expert_count",
            "expert_used_count", "attention.sliding_window", "attention.key_length", "attention.value_length",
            "rope.scaling.attn_factor", "vocab_size", "attention.causal", "attention.sliding_window_pattern",
        ];
        int refused = 0, answered = 0;
        foreach (string name in new[] { "llama", "gemma3" })
        {
            var keys = RandomModel.Llama().Metadata.Keys.Where(key => key.StartsWith("llama.", StringComparison.Ordinal))
                .Select(key => key["llama.".Length..]).Union(more);
            foreach (string key in keys)
                foreach (object value in odd)
                {
                    var model = name == "llama" ? RandomModel.Llama(1) : RandomModel.Gemma3(1);
                    model.Metadata[$"{name}.{key}"] = value;
                    string path = model.Write(_folder);
                    try
                    {
                        float[][] logits = PeerLogits.Compute(path, [1, 5, 9]);
                        Assert.Equal(3, logits.Length);
                        answered++;
                    }
                    catch (GgufException error)
                    {
                        Assert.NotEmpty(error.Field);
                        refused++;
                    }
                    File.Delete(path);
                }
        }
        Assert.True(refused > 200 && answered > 50, $"{refused} refused, {answered} answered");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private GgufException Refused(RandomModel model) => Assert.Throws<GgufException>(() => Load(model));

    private void Load(RandomModel model)
    {
        using var file = GgufFile.Open(model.Write(_folder));
        var architecture = Architecture.Of(file.Metadata);
        architecture.Load(file, architecture.ReadHyperParameters(file).ContextLength);
    }
}
