using Causerie.Compute.Kernels;
using Causerie.Inference.Scheduling;

namespace Causerie.Inference.Models.Blocks;

/// <summary>Token ids to hidden states.</summary>
internal static class Embedding
{
    /// <summary>x = embedding[token] · scale + position[position].</summary>
    /// <param name="p">Width and scale.</param>
    /// <param name="w">The tables.</param>
    /// <param name="batch">Tokens and positions.</param>
    /// <param name="x">[n, width] f32, overwritten.</param>
    public static void Look(HyperParameters p, Weights w, Batch batch, Span<float> x)
    {
        for (int t = 0; t < batch.Count; t++)
            w.TokenEmbedding.DequantizeRow(batch.Tokens[t], x.Slice(t * p.Width, p.Width));
        if (p.EmbeddingScale != 1)
            Elementwise.Scale(x, p.EmbeddingScale);
        if (w.PositionEmbedding is not { } table)
            return;
        var row = new float[p.Width];
        for (int t = 0; t < batch.Count; t++)
        {
            table.DequantizeRow(batch.Positions[t], row);
            Elementwise.Add(x.Slice(t * p.Width, p.Width), row);
        }
    }
}
