using Causerie.Compute.Kernels;
using Causerie.Compute.Memory;

namespace Causerie.Inference.Models;

/// <summary>A model's weights: matrices stay in the mapped file, vectors are decoded once.</summary>
internal sealed class Weights
{
    public required WeightMatrix TokenEmbedding { get; init; } // [vocabulary, width]
    public WeightMatrix? PositionEmbedding { get; init; } // [context, width]
    public float[] TokenType { get; init; } = []; // [width], or empty
    public Norm? EmbeddingNorm { get; init; }
    public required LayerWeights[] Layers { get; init; }
    public Norm? OutputNorm { get; init; } // of a decoder
    public Linear? Output { get; init; } // [vocabulary, width], of a decoder
}

/// <summary>The weights of one transformer block.</summary>
internal sealed class LayerWeights
{
    public required Norm AttentionNorm { get; init; }
    public required AttentionWeights Attention { get; init; }
    public Norm? PostAttentionNorm { get; init; }
    public required Norm FeedForwardNorm { get; init; }
    public FeedForwardWeights? FeedForward { get; init; }
    public ExpertWeights? Experts { get; init; }
    public Norm? PostFeedForwardNorm { get; init; }
}

/// <summary>The weights of one layer's attention.</summary>
internal sealed class AttentionWeights
{
    public required Linear Q { get; init; } // [heads · headDim, width]
    public required Linear K { get; init; } // [kvHeads · headDim, width]
    public required Linear V { get; init; } // [kvHeads · valueDim, width]
    public required Linear Output { get; init; } // [width, heads · valueDim]
    public Norm? QNorm { get; init; } // [headDim]
    public Norm? KNorm { get; init; } // [headDim]
    public float[] Sinks { get; init; } = []; // [heads], or empty
    public Rope? Rope { get; init; }
}

/// <summary>The weights of a dense feed-forward block; without a gate where its kind has none.</summary>
internal sealed class FeedForwardWeights
{
    public Linear? Gate { get; init; } // [feedForward, width]
    public required Linear Up { get; init; } // [feedForward, width]
    public required Linear Down { get; init; } // [width, feedForward]
}

/// <summary>The weights of a mixture of experts.</summary>
internal sealed class ExpertWeights
{
    public required Linear Router { get; init; } // [experts, width]
    public required FeedForwardWeights[] Experts { get; init; }
}

/// <summary>A matrix with or without a bias.</summary>
/// <param name="Matrix">[outputs, inputs].</param>
/// <param name="Bias">[outputs] f32, or empty.</param>
internal sealed record Linear(WeightMatrix Matrix, float[] Bias);

/// <summary>A normalisation: root mean square, or layer norm where it has a bias.</summary>
/// <param name="Weight">[width] f32.</param>
/// <param name="Bias">[width] f32, or empty.</param>
internal sealed record Norm(float[] Weight, float[] Bias);
