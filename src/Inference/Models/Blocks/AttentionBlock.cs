using Causerie.Compute.Kernels;
using Causerie.Inference.Scheduling;

namespace Causerie.Inference.Models.Blocks;

/// <summary>Grouped-query attention (Ainslie et al., 2023): the only place where positions see one another.</summary>
internal static class AttentionBlock
{
    /// <summary>Out = attention(H) for every token of the batch, each over its own sequence's cache.</summary>
    /// <param name="p">Heads and sizes.</param>
    /// <param name="w">One layer's weights.</param>
    /// <param name="layer">The layer's number, for cache and window.</param>
    /// <param name="s">H [n, width] in, Out [n, width] out.</param>
    /// <param name="batch">Which rows belong to which cache.</param>
    public static void Run(HyperParameters p, AttentionWeights w, int layer, RunState s, Batch batch)
    {
        int n = batch.Count;
        int queryWidth = p.Heads * p.HeadDim, attendedWidth = p.Heads * p.ValueDim;
        var q = s.Q.AsSpan(0, n * queryWidth); // [n, heads, headDim] f32
        var k = s.K.AsSpan(0, n * p.KeyWidth); // [n, kvHeads, headDim] f32
        var v = s.V.AsSpan(0, n * p.ValueWidth); // [n, kvHeads, valueDim] f32
        var attended = s.Attended.AsSpan(0, n * attendedWidth); // [n, heads, valueDim] f32

        w.Q.Apply(s.H, n, q, s.Pool);
        w.K.Apply(s.H, n, k, s.Pool);
        w.V.Apply(s.H, n, v, s.Pool);
        w.QNorm?.Apply(q, p.Epsilon, q);
        w.KNorm?.Apply(k, p.Epsilon, k);
        w.Rope?.Apply(q, p.Heads, p.HeadDim, batch.Positions);
        w.Rope?.Apply(k, p.KvHeads, p.HeadDim, batch.Positions);

        var shape = new AttentionShape(
            p.Heads, p.KvHeads, p.HeadDim, p.ValueDim, p.AttentionScale, p.Windows[layer], p.AttentionSoftCap);
        foreach (ref readonly var slice in batch.Slices)
        {
            slice.Kv.Store(
                layer, slice.Position, slice.Count,
                k.Slice(slice.Row * p.KeyWidth, slice.Count * p.KeyWidth),
                v.Slice(slice.Row * p.ValueWidth, slice.Count * p.ValueWidth));
            slice.Kv.Attend(
                shape, layer, q.Slice(slice.Row * queryWidth, slice.Count * queryWidth), slice.Count,
                slice.Position + slice.Count, w.Sinks,
                attended.Slice(slice.Row * attendedWidth, slice.Count * attendedWidth), s.Pool);
        }
        w.Output.Apply(attended, n, s.Out, s.Pool);
    }
}
