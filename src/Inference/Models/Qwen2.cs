using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>Qwen2 and 2.5 (Yang et al., 2024): Llama with biases on queries, keys and values.</summary>
public sealed class Qwen2 : Decoder
{
    /// <inheritdoc/>
    public override string Name => "qwen2";

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
        FeedForward = layer.FeedForward(),
    };
}
