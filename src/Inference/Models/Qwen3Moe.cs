using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>Qwen3 as a mixture of experts (Yang et al., 2025).</summary>
public sealed class Qwen3Moe : Decoder
{
    /// <inheritdoc/>
    public override string Name => "qwen3moe";

    /// <inheritdoc/>
    internal override HyperParameters ReadHyperParameters(HyperParameterReader keys)
    {
        var shape = DecoderShape.Read(keys, RopePairing.Halves);
        return shape with
        {
            Rope = RopeReader.Read(keys, shape),
            Experts = DecoderShape.Experts(keys, ExpertGating.SoftmaxThenTop, shape.FeedForward) ??
                throw keys.Fault("expert_count", "is missing or 0; this architecture is a mixture of experts."),
        };
    }

    private protected override LayerWeights ReadLayer(LayerReader layer) => new()
    {
        AttentionNorm = layer.Norm("attn_norm"),
        Attention = layer.Attention(headNorms: true),
        FeedForwardNorm = layer.Norm("ffn_norm"),
        Experts = layer.Experts(),
    };
}
