using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>Gemma (2024): Llama with GELU and an embedding scaled by the square root of the width.</summary>
public sealed class Gemma : Decoder
{
    /// <inheritdoc/>
    public override string Name => "gemma";

    /// <inheritdoc/>
    internal override HyperParameters ReadHyperParameters(HyperParameterReader keys)
    {
        var shape = DecoderShape.Read(keys, RopePairing.Halves);
        return shape with
        {
            Rope = RopeReader.Read(keys, shape),
            EmbeddingScale = MathF.Sqrt(shape.Width),
            FeedForwardKind = FeedForwardKind.GeGlu,
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
