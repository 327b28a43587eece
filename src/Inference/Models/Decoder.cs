using Causerie.Inference.Models.Blocks;
using Causerie.Inference.Scheduling;

namespace Causerie.Inference.Models;

/// <summary>The forward pass that the decoder-only transformers share: attention and feed-forward, each added to x.</summary>
public abstract class Decoder : Architecture
{
    /// <summary>Reads the weights of one block.</summary>
    private protected abstract LayerWeights ReadLayer(LayerReader layer);

    /// <inheritdoc/>
    internal override Weights ReadWeights(WeightReader tensors, HyperParameters p)
    {
        // The head of a classifier made from a language model plays no part in writing.
        tensors.Ignore(name => name.StartsWith("cls.", StringComparison.Ordinal));
        var rope = p.Rope is { } whole ? RopeReader.Build(whole, p.RopePairing, tensors) : null;
        var windowRope = p.WindowRope is { } window ? window.Build(p.RopePairing, []) : rope;
        var embedding = tensors.Matrix("token_embd.weight", p.VocabularySize, p.Width);
        var layers = new LayerWeights[p.Layers];
        for (int l = 0; l < p.Layers; l++)
            layers[l] = ReadLayer(new LayerReader(tensors, p, l, p.Windows[l] > 0 ? windowRope : rope));
        return new Weights
        {
            TokenEmbedding = embedding,
            PositionEmbedding = p.LearnedPositions
                ? tensors.Matrix("position_embd.weight", p.ContextLength, p.Width)
                : null,
            Layers = layers,
            OutputNorm = tensors.Norm("output_norm", p.Width),
            // Where the model has no output matrix, the embedding is used for both.
            Output = tensors.OptionalLinear("output", p.VocabularySize, p.Width) ?? tensors.Linear(embedding, []),
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
        s.Profile?.Mark(StepPart.Embedding);
        w.Layers[0].AttentionNorm.Apply(x, p.Epsilon, h, s.Pool);
        s.Profile?.Mark(StepPart.Norm);
        for (int l = 0; l < p.Layers; l++)
        {
            var layer = w.Layers[l];
            bool last = l == p.Layers - 1;

            // Nothing looks back on what the last layer makes of a row but that row's own logits.
            n = AttentionBlock.Run(p, layer.Attention, l, s, batch, last); // h → y
            if (n == 0)
                return;
            x = x[..(n * p.Width)];
            h = h[..(n * p.Width)];
            y = y[..(n * p.Width)];
            layer.PostAttentionNorm?.Apply(y, p.Epsilon, y, s.Pool);
            layer.FeedForwardNorm.AddApply(x, y, p.Epsilon, h, s.Pool); // x += y, h = norm(x)
            s.Profile?.Mark(StepPart.Norm);

            if (layer.Experts is { } experts)
                ExpertBlock.Run(p, experts, s, n); // h → y
            else
                FeedForwardBlock.Run(p, layer.FeedForward!, s, n); // h → y
            layer.PostFeedForwardNorm?.Apply(y, p.Epsilon, y, s.Pool);
            var next = last ? w.OutputNorm! : w.Layers[l + 1].AttentionNorm;
            next.AddApply(x, y, p.Epsilon, h, s.Pool);
            s.Profile?.Mark(StepPart.Norm);
        }
        OutputHead.Run(p, w, s, n); // h → logits
        s.Profile?.Mark(StepPart.Head);
    }
}
