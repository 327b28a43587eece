using System.Collections.Immutable;
using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>The numbers that fix a model's shape and maths, read once from the file's metadata and checked.</summary>
public sealed record HyperParameters
{
    /// <summary>The context that the model was trained for, in tokens.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Transformer blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Elements of a token's hidden state.</summary>
    public required int Width { get; init; }

    /// <summary>Tokens of the vocabulary: rows of the embedding and of the logits.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads; divides <see cref="Heads"/>.</summary>
    public required int KvHeads { get; init; }

    /// <summary>Elements of a query and of a key, for one head.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Elements of a value, for one head.</summary>
    public required int ValueDim { get; init; }

    /// <summary>Elements inside the dense feed-forward block.</summary>
    public required int FeedForward { get; init; }

    /// <summary>ε of the normalisations.</summary>
    public required float Epsilon { get; init; }

    /// <summary>Multiplies q · k.</summary>
    public required float AttentionScale { get; init; }

    /// <summary>Sliding window of each layer in positions, the current one included; 0 is the whole context.</summary>
    public required ImmutableArray<int> Windows { get; init; }

    /// <summary>Soft cap of the attention scores; 0 is off.</summary>
    public float AttentionSoftCap { get; init; }

    /// <summary>Soft cap of the logits; 0 is off.</summary>
    public float LogitSoftCap { get; init; }

    /// <summary>Multiplies the token embedding.</summary>
    public float EmbeddingScale { get; init; } = 1;

    /// <summary>What stands between the two halves of the feed-forward block.</summary>
    public FeedForwardKind FeedForwardKind { get; init; } = FeedForwardKind.SwiGlu;

    /// <summary>The experts, where the feed-forward block is a mixture of them; otherwise null.</summary>
    public ExpertParameters? Experts { get; init; }

    /// <summary>Rotary position embedding of the layers that see the whole context; null where there is none.</summary>
    public RopeParameters? Rope { get; init; }

    /// <summary>Rotary position embedding of the layers with a sliding window, where it differs.</summary>
    public RopeParameters? WindowRope { get; init; }

    /// <summary>Whether each position has a learned vector that is added to the embedding.</summary>
    public bool LearnedPositions { get; init; }

    /// <summary>How a text's hidden states become one vector; null where the file does not say.</summary>
    public Pooling? Pooling { get; init; }

    /// <summary>Whether positions see one another in both directions: such a model reads and does not write.</summary>
    public bool Bidirectional { get; init; }

    /// <summary>Kinds of token whose vectors are added to the embedding, the first one for all; 0 where there are none.</summary>
    public int TokenTypes { get; init; }

    /// <summary>Which elements of a head turn together.</summary>
    public required RopePairing RopePairing { get; init; }

    /// <summary>Elements of the keys of one position in one layer.</summary>
    public int KeyWidth => KvHeads * HeadDim;

    /// <summary>Elements of the values of one position in one layer.</summary>
    public int ValueWidth => KvHeads * ValueDim;
}

/// <summary>The numbers of a mixture of experts (Shazeer et al., 2017).</summary>
/// <param name="Count">Experts of a layer.</param>
/// <param name="Used">Experts that work on one token.</param>
/// <param name="FeedForward">Elements inside one expert.</param>
/// <param name="Gating">How the router's logits become weights.</param>
public sealed record ExpertParameters(int Count, int Used, int FeedForward, ExpertGating Gating);

/// <summary>How the router's logits become the weights of the chosen experts.</summary>
public enum ExpertGating
{
    /// <summary>Softmax over all experts; the chosen ones are scaled to sum to 1 (Mixtral, Qwen3).</summary>
    SoftmaxThenTop,

    /// <summary>Softmax over the chosen experts, with the router's bias in the choice (gpt-oss).</summary>
    /// <remarks>Both give the same numbers in exact arithmetic; they are kept apart because rounding differs.</remarks>
    TopThenSoftmax,
}

/// <summary>The feed-forward blocks that models use.</summary>
public enum FeedForwardKind
{
    /// <summary>down(silu(gate(x)) · up(x)) (Shazeer, 2020).</summary>
    SwiGlu,

    /// <summary>down(gelu(gate(x)) · up(x)).</summary>
    GeGlu,

    /// <summary>down(gelu(up(x))).</summary>
    Gelu,

    /// <summary>SwiGLU with clamped inputs and one added to the linear half (gpt-oss).</summary>
    ClampedSwiGlu,
}
