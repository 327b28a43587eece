using Causerie.Compute.Kernels;
using Causerie.Inference.Scheduling;

namespace Causerie.Inference.Models.Blocks;

/// <summary>Grouped-query attention (Ainslie et al., 2023): the only place where positions see one another.</summary>
internal static class AttentionBlock
{
    /// <summary>Keeps the keys and values of every token; Out = attention(H), each over its own sequence's cache.</summary>
    /// <param name="p">Heads and sizes.</param>
    /// <param name="w">One layer's weights.</param>
    /// <param name="layer">The layer's number, for cache and window.</param>
    /// <param name="s">H [n, width] in, Out [rows, width] out; X and H lose the rows that have none.</param>
    /// <param name="batch">Which rows belong to which cache.</param>
    /// <param name="forLogits">Whether only the rows whose logits are wanted go on from here.</param>
    /// <returns>Rows of Out: all, or those whose logits are wanted.</returns>
    public static int Run(
        HyperParameters p, AttentionWeights w, int layer, RunState s, Batch batch, bool forLogits)
    {
        bool all = !forLogits || batch.LogitRows.Length == batch.Count;
        Remember(p, w, layer, s, batch, withQueries: all);
        int n = forLogits ? s.KeepLogitRows(batch) : batch.Count;
        if (n == 0)
            return 0;
        int queryWidth = p.Heads * p.HeadDim, attendedWidth = p.Heads * p.ValueDim;
        var q = s.Q.AsSpan(0, n * queryWidth); // [n, heads, headDim] f32
        var attended = s.Attended.AsSpan(0, n * attendedWidth); // [n, heads, valueDim] f32
        if (!all)
            w.Q.Apply(s.H, n, q, s.Pool);
        s.Profile?.Mark(StepPart.Products);
        w.QNorm?.Apply(q, p.Epsilon, q, s.Pool);
        s.Profile?.Mark(StepPart.Norm);
        w.Rope?.Apply(q, p.Heads, p.HeadDim, s.Turns(w.Rope, batch), s.Pool);
        s.Profile?.Mark(StepPart.Rope);

        var shape = new AttentionShape(
            p.Heads, p.KvHeads, p.HeadDim, p.ValueDim, p.AttentionScale, p.Windows[layer], p.AttentionSoftCap,
            p.Bidirectional);
        int row = 0;
        foreach (ref readonly var slice in batch.Slices)
        {
            int count = forLogits ? slice.LogitCount : slice.Count;
            if (count == 0)
                continue;
            slice.Kv.Attend(
                shape, layer, q.Slice(row * queryWidth, count * queryWidth), count, slice.Position + slice.Count,
                w.Sinks, attended.Slice(row * attendedWidth, count * attendedWidth), s.Pool);
            row += count;
        }
        s.Profile?.Mark(StepPart.Attention);
        w.Output.Apply(attended, n, s.Out, s.Pool);
        s.Profile?.Mark(StepPart.Products);
        return n;
    }

    /// <summary>The keys and values of H's rows go to their caches; the queries are computed with them if all are wanted.</summary>
    private static void Remember(
        HyperParameters p, AttentionWeights w, int layer, RunState s, Batch batch, bool withQueries)
    {
        int n = batch.Count;
        var k = s.K.AsSpan(0, n * p.KeyWidth); // [n, kvHeads, headDim] f32
        var v = s.V.AsSpan(0, n * p.ValueWidth); // [n, kvHeads, valueDim] f32
        if (withQueries)
            Projections.Apply(w.Q, s.Q, w.K, k, w.V, v, s.H, n, s.Pool);
        else
            Projections.Apply(w.K, k, w.V, v, s.H, n, s.Pool);
        s.Profile?.Mark(StepPart.Products);
        w.KNorm?.Apply(k, p.Epsilon, k, s.Pool);
        s.Profile?.Mark(StepPart.Norm);
        w.Rope?.Apply(k, p.KvHeads, p.HeadDim, s.Turns(w.Rope, batch), s.Pool);
        s.Profile?.Mark(StepPart.Rope);
        foreach (ref readonly var slice in batch.Slices)
            slice.Kv.Store(
                layer, slice.Position, slice.Count,
                k.Slice(slice.Row * p.KeyWidth, slice.Count * p.KeyWidth),
                v.Slice(slice.Row * p.ValueWidth, slice.Count * p.ValueWidth), s.Pool);
        s.Profile?.Mark(StepPart.Attention);
    }
}
