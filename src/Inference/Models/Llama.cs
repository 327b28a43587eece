using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>Llama 1 to 3 (Touvron et al., 2023), and what took its shape: Mistral, SmolLM, Mixtral and many others.</summary>
public sealed class Llama : Decoder
{
    /// <inheritdoc/>
    public override string Name => "llama";

    /// <inheritdoc/>
    internal override HyperParameters ReadHyperParameters(HyperParameterReader keys)
    {
        var shape = DecoderShape.Read(keys, RopePairing.Adjacent);
        return shape with
        {
            Rope = RopeReader.Read(keys, shape),
            Experts = DecoderShape.Experts(keys, ExpertGating.SoftmaxThenTop, shape.FeedForward),
        };
    }

    private protected override LayerWeights ReadLayer(LayerReader layer) => new()
    {
        AttentionNorm = layer.Norm("attn_norm"),
        Attention = layer.Attention(),
        FeedForwardNorm = layer.Norm("ffn_norm"),
        FeedForward = layer.HasExperts ? null : layer.FeedForward(),
        Experts = layer.HasExperts ? layer.Experts() : null,
    };
}
