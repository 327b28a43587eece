using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>Reads the tensors of one transformer block by the names that GGUF gives them.</summary>
/// <param name="tensors">The model's tensors.</param>
/// <param name="p">Shapes to check against.</param>
/// <param name="layer">The block's number.</param>
/// <param name="rope">The rotation of this layer, or null.</param>
internal sealed class LayerReader(WeightReader tensors, HyperParameters p, int layer, Rope? rope)
{
    /// <summary>Whether the feed-forward block is a mixture of experts.</summary>
    public bool HasExperts => p.Experts is not null;

    /// <summary>A normalisation [width] of the hidden state.</summary>
    public Norm Norm(string name) => tensors.Norm(Name(name), p.Width);

    /// <summary>A layer normalisation [width] of the hidden state.</summary>
    public Norm LayerNorm(string name) => tensors.LayerNorm(Name(name), p.Width);

    /// <summary>Attention with its projections apart or fused, with biases where the model has them.</summary>
    /// <param name="headNorms">Whether queries and keys are normalised head by head.</param>
    /// <param name="sinks">Whether each head has a sink.</param>
    public AttentionWeights Attention(bool headNorms = false, bool sinks = false)
    {
        var (q, k, v) = Projections();
        return new AttentionWeights
        {
            Q = q,
            K = k,
            V = v,
            Output = tensors.Linear(Name("attn_output"), p.Width, p.Heads * p.ValueDim),
            QNorm = headNorms ? tensors.Norm(Name("attn_q_norm"), p.HeadDim) : null,
            KNorm = headNorms ? tensors.Norm(Name("attn_k_norm"), p.HeadDim) : null,
            Sinks = sinks ? tensors.Vector(Name("attn_sinks.weight"), p.Heads) : [],
            Rope = rope,
        };
    }

    /// <summary>The dense feed-forward block, with a gate where its kind has one.</summary>
    public FeedForwardWeights FeedForward() => new()
    {
        Gate = p.FeedForwardKind == FeedForwardKind.Gelu
            ? null
            : tensors.Linear(Name("ffn_gate"), p.FeedForward, p.Width),
        Up = tensors.Linear(Name("ffn_up"), p.FeedForward, p.Width),
        Down = tensors.Linear(Name("ffn_down"), p.Width, p.FeedForward),
    };

    /// <summary>The dense feed-forward block whose gate and up lie in one tensor, the gate first.</summary>
    public FeedForwardWeights FusedFeedForward()
    {
        var both = tensors.Linear(Name("ffn_up"), 2 * p.FeedForward, p.Width);
        return new FeedForwardWeights
        {
            Gate = Part(both, 0, p.FeedForward),
            Up = Part(both, p.FeedForward, p.FeedForward),
            Down = tensors.Linear(Name("ffn_down"), p.Width, p.FeedForward),
        };
    }

    /// <summary>Router and experts.</summary>
    public ExpertWeights Experts()
    {
        var experts = p.Experts!;
        var gate = tensors.Stack(Name("ffn_gate_exps"), experts.Count, experts.FeedForward, p.Width);
        var up = tensors.Stack(Name("ffn_up_exps"), experts.Count, experts.FeedForward, p.Width);
        var down = tensors.Stack(Name("ffn_down_exps"), experts.Count, p.Width, experts.FeedForward);
        return new ExpertWeights
        {
            Router = tensors.Linear(Name("ffn_gate_inp"), experts.Count, p.Width),
            Experts = [.. gate.Select((g, e) => new FeedForwardWeights { Gate = g, Up = up[e], Down = down[e] })],
        };
    }

    private (Linear Q, Linear K, Linear V) Projections()
    {
        int queries = p.Heads * p.HeadDim;
        if (!tensors.Has(Name("attn_qkv.weight")))
            return (
                tensors.Linear(Name("attn_q"), queries, p.Width),
                tensors.Linear(Name("attn_k"), p.KeyWidth, p.Width),
                tensors.Linear(Name("attn_v"), p.ValueWidth, p.Width));
        var all = tensors.Linear(Name("attn_qkv"), queries + p.KeyWidth + p.ValueWidth, p.Width);
        return (
            Part(all, 0, queries), Part(all, queries, p.KeyWidth), Part(all, queries + p.KeyWidth, p.ValueWidth));
    }

    private static Linear Part(Linear whole, int start, int count) => new(
        whole.Matrix.Slice(start, count), whole.Bias.Length > 0 ? whole.Bias[start..(start + count)] : []);

    private string Name(string part) => $"blk.{layer}.{part}";
}
