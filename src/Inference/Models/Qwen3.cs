using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>Qwen3 (Yang et al., 2025): queries and keys are normalised head by head.</summary>
public sealed class Qwen3 : Decoder
{
    /// <inheritdoc/>
    public override string Name => "qwen3";

    /// <inheritdoc/>
    internal override HyperParameters ReadHyperParameters(HyperParameterReader keys)
    {
        var shape = DecoderShape.Read(keys, RopePairing.Halves);
        return shape with { Rope = RopeReader.Read(keys, shape) };
    }

    private protected override LayerWeights ReadLayer(LayerReader layer) => new()
    {
        AttentionNorm = layer.Norm("attn_norm"),
        Attention = layer.Attention(headNorms: true),
        FeedForwardNorm = layer.Norm("ffn_norm"),
        FeedForward = layer.FeedForward(),
    };
}
