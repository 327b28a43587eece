using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>StarCoder2 (Lozhkov et al., 2024): layer norms, biases everywhere, GELU without a gate.</summary>
public sealed class StarCoder2 : Decoder
{
    /// <inheritdoc/>
    public override string Name => "starcoder2";

    /// <inheritdoc/>
    internal override HyperParameters ReadHyperParameters(HyperParameterReader keys)
    {
        var shape = DecoderShape.Read(keys, RopePairing.Halves, "attention.layer_norm_epsilon");
        return shape with
        {
            Rope = RopeReader.Read(keys, shape),
            FeedForwardKind = FeedForwardKind.Gelu,
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
