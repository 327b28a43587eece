using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>Phi-3 and Phi-4 (Abdin et al., 2024): fused projections, LongRoPE, a window in every layer.</summary>
public sealed class Phi3 : Decoder
{
    /// <inheritdoc/>
    public override string Name => "phi3";

    /// <inheritdoc/>
    internal override HyperParameters ReadHyperParameters(HyperParameterReader keys)
    {
        var shape = DecoderShape.Read(keys, RopePairing.Halves);
        return shape with { Rope = RopeReader.Read(keys, shape) };
    }

    private protected override LayerWeights ReadLayer(LayerReader layer) => new()
    {
        AttentionNorm = layer.Norm("attn_norm"),
        Attention = layer.Attention(),
        FeedForwardNorm = layer.Norm("ffn_norm"),
        FeedForward = layer.FusedFeedForward(),
    };
}
