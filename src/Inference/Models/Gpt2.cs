using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>GPT-2 (Radford et al., 2019): learned positions, layer norms, GELU without a gate.</summary>
public sealed class Gpt2 : Decoder
{
    /// <inheritdoc/>
    public override string Name => "gpt2";

    /// <inheritdoc/>
    internal override HyperParameters ReadHyperParameters(HyperParameterReader keys)
    {
        keys.Ignore("rope.dimension_count", "rope.freq_base"); // Positions are learned.
        return DecoderShape.Read(keys, RopePairing.Halves, "attention.layer_norm_epsilon") with
        {
            FeedForwardKind = FeedForwardKind.Gelu,
            LearnedPositions = true,
        };
    }

    private protected override LayerWeights ReadLayer(LayerReader layer) => new()
    {
        AttentionNorm = layer.Norm("attn_norm"),
        Attention = layer.Attention(),
        FeedForwardNorm = layer.Norm("ffn_norm"),
        FeedForward = layer.FeedForward(),
    };
}
