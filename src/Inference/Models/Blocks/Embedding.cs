using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;
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
    /// <param name="h">[n, width] f32, overwritten where positions have vectors of their own.</param>
    /// <param name="pool">The threads to run on.</param>
    public static void Look(
        HyperParameters p, Weights w, Batch batch, Span<float> x, Span<float> h, WorkerPool pool)
    {
        TableRows.Look(w.TokenEmbedding, batch.Tokens, x, pool);
        if (p.EmbeddingScale != 1)
            Elementwise.Scale(x, p.EmbeddingScale, pool);
        if (w.PositionEmbedding is not { } table)
            return;
        TableRows.Look(table, batch.Positions, h, pool);
        Elementwise.Add(x, h, pool);
    }
}
