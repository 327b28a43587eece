using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>Gemma 3 (2025): five layers with a window and their own rotation to one that sees everything.</summary>
public sealed class Gemma3 : Decoder
{
    private const int LayersOf27B = 62;
    private const int DefaultPattern = 6;

    /// <inheritdoc/>
    public override string Name => "gemma3";

    /// <inheritdoc/>
    internal override HyperParameters ReadHyperParameters(HyperParameterReader keys)
    {
        var shape = DecoderShape.Read(keys, RopePairing.Halves);
        var rope = RopeReader.Read(keys, shape);
        bool[] windowed = Windowed(keys, shape.Layers);
        return shape with
        {
            Rope = rope,
            WindowRope = new RopeParameters(
                rope.Dimensions, keys.OptionalReal("rope.freq_base_swa", 1.001f, 1e15f) ?? 10_000),
            EmbeddingScale = MathF.Sqrt(shape.Width),
            FeedForwardKind = FeedForwardKind.GeGlu,
            // The file does not say that the largest of the family scales by width / heads instead.
            AttentionScale = shape.Layers == LayersOf27B
                ? 1 / MathF.Sqrt((float)shape.Width / shape.Heads)
                : shape.AttentionScale,
            LogitSoftCap = keys.OptionalReal("final_logit_softcapping", 0, 1e6f) ?? 0,
            Windows = [.. shape.Windows.Select((window, l) => windowed[l] ? window : 0)],
        };
    }

    private protected override LayerWeights ReadLayer(LayerReader layer) => new()
    {
        AttentionNorm = layer.Norm("attn_norm"),
        Attention = layer.Attention(headNorms: true),
        PostAttentionNorm = layer.Norm("post_attention_norm"),
        FeedForwardNorm = layer.Norm("ffn_norm"),
        FeedForward = layer.FeedForward(),
        PostFeedForwardNorm = layer.Norm("post_ffw_norm"),
    };

    /// <summary>Which layers have a window: a flag each, or all but every n-th.</summary>
    private static bool[] Windowed(HyperParameterReader keys, int layers)
    {
        const string Name = "attention.sliding_window_pattern";
        if (keys.OptionalFlags(Name, layers) is { } flags)
            return flags;
        int pattern = keys.OptionalInteger(Name, 1, 1024) ?? DefaultPattern;
        return [.. Enumerable.Range(0, layers).Select(l => l % pattern < pattern - 1)];
    }
}
