using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>Gemma 2 (2024): norms before and after each block, soft caps, a window in every other layer.</summary>
public sealed class Gemma2 : Decoder
{
    private const int LayersOf27B = 46;

    /// <inheritdoc/>
    public override string Name => "gemma2";

    /// <inheritdoc/>
    internal override HyperParameters ReadHyperParameters(HyperParameterReader keys)
    {
        var shape = DecoderShape.Read(keys, RopePairing.Halves);
        return shape with
        {
            Rope = RopeReader.Read(keys, shape),
            EmbeddingScale = MathF.Sqrt(shape.Width),
            FeedForwardKind = FeedForwardKind.GeGlu,
            // The file does not say that the largest of the family scales by width / heads instead.
            AttentionScale = shape.Layers == LayersOf27B
                ? 1 / MathF.Sqrt((float)shape.Width / shape.Heads)
                : shape.AttentionScale,
            AttentionSoftCap = keys.OptionalReal("attn_logit_softcapping", 0, 1e6f) ?? 50,
            LogitSoftCap = keys.OptionalReal("final_logit_softcapping", 0, 1e6f) ?? 30,
            Windows = [.. shape.Windows.Select((window, l) => l % 2 == 0 ? window : 0)],
        };
    }

    private protected override LayerWeights ReadLayer(LayerReader layer) => new()
    {
        AttentionNorm = layer.Norm("attn_norm"),
        Attention = layer.Attention(),
        PostAttentionNorm = layer.Norm("post_attention_norm"),
        FeedForwardNorm = layer.Norm("ffn_norm"),
        FeedForward = layer.FeedForward(),
        PostFeedForwardNorm = layer.Norm("post_ffw_norm"),
    };
}
