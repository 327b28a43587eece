using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>OpenAI's gpt-oss (2025): experts with biases, attention sinks, and a window in every other layer.</summary>
public sealed class GptOss : Decoder
{
    /// <inheritdoc/>
    public override string Name => "gpt-oss";

    /// <inheritdoc/>
    internal override HyperParameters ReadHyperParameters(HyperParameterReader keys)
    {
        var shape = DecoderShape.Read(keys, RopePairing.Halves);
        var rope = RopeReader.Read(keys, shape);
        float? windowBase = keys.OptionalReal("rope.freq_base_swa", 1.001f, 1e15f);
        return shape with
        {
            Rope = rope,
            WindowRope = windowBase is { } given && given != rope.Base ? rope with { Base = given } : null,
            // Layers 0, 2, 4 … see a window, the others everything.
            Windows = [.. shape.Windows.Select((window, l) => l % 2 == 0 ? window : 0)],
            FeedForwardKind = FeedForwardKind.ClampedSwiGlu,
            Experts = DecoderShape.Experts(keys, ExpertGating.TopThenSoftmax, shape.FeedForward) ??
                throw keys.Fault("expert_count", "is missing or 0; this architecture is a mixture of experts."),
        };
    }

    private protected override LayerWeights ReadLayer(LayerReader layer) => new()
    {
        AttentionNorm = layer.Norm("attn_norm"),
        Attention = layer.Attention(sinks: true),
        // GGUF's name for it; it stands before the experts.
        FeedForwardNorm = layer.Norm("post_attention_norm"),
        Experts = layer.Experts(),
    };
}
