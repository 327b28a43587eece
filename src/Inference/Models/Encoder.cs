using Causerie.Compute.Kernels;
using Causerie.Inference.Models.Blocks;
using Causerie.Inference.Scheduling;

namespace Causerie.Inference.Models;

/// <summary>The forward pass that the encoders of BERT's family share: what a block gives is added to x and then normalised.</summary>
/// <remarks>A text must be in the batch whole, since its positions see one another in both directions.</remarks>
public abstract class Encoder : Architecture
{
    /// <inheritdoc/>
    internal override Weights ReadWeights(WeightReader tensors, HyperParameters p)
    {
        var rope = p.Rope is { } whole ? RopeReader.Build(whole, p.RopePairing, tensors) : null;
        return new Weights
        {
            TokenEmbedding = tensors.Matrix("token_embd.weight", p.VocabularySize, p.Width),
            PositionEmbedding = p.LearnedPositions
                ? tensors.Matrix("position_embd.weight", p.ContextLength, p.Width)
                : null,
            TokenType = p.TokenTypes > 0 ? tensors.FirstRow("token_types.weight", p.TokenTypes, p.Width) : [],
            EmbeddingNorm = tensors.LayerNorm("token_embd_norm", p.Width),
            Layers = [.. Enumerable.Range(0, p.Layers).Select(l => ReadLayer(new LayerReader(tensors, p, l, rope)))],
        };
    }

    /// <inheritdoc/>
    internal override void Forward(HyperParameters p, Weights w, RunState s, Batch batch)
    {
        int n = batch.Count;
        var x = s.X.AsSpan(0, n * p.Width); // [n, width] f32
        var h = s.H.AsSpan(0, n * p.Width); // [n, width] f32
        var y = s.Out.AsSpan(0, n * p.Width); // [n, width] f32

        Embedding.Look(p, w, batch, x, h, s.Pool);
        if (w.TokenType.Length > 0)
            Elementwise.AddBias(x, w.TokenType, s.Pool);
        w.EmbeddingNorm!.Apply(x, p.Epsilon, h, s.Pool);
        for (int l = 0; l < p.Layers; l++)
        {
            var layer = w.Layers[l];
            h.CopyTo(x);
            n = AttentionBlock.Run(p, layer.Attention, 0, s, batch, l == p.Layers - 1); // h → y, of the rows that are wanted
            x = x[..(n * p.Width)];
            h = h[..(n * p.Width)];
            y = y[..(n * p.Width)];
            layer.AttentionNorm.AddApply(x, y, p.Epsilon, h, s.Pool); // x += y, h = norm(x)
            h.CopyTo(x);
            FeedForwardBlock.Run(p, layer.FeedForward!, s, n); // h → y
            layer.FeedForwardNorm.AddApply(x, y, p.Epsilon, h, s.Pool);
        }
    }

    private static LayerWeights ReadLayer(LayerReader layer) => new()
    {
        Attention = layer.Attention(),
        AttentionNorm = layer.LayerNorm("attn_output_norm"), // behind the attention
        FeedForward = layer.FeedForward(),
        FeedForwardNorm = layer.LayerNorm("layer_output_norm"), // behind the feed-forward block
    };
}
