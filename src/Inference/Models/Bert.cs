namespace Causerie.Inference.Models;

/// <summary>BERT (Devlin et al., 2018) and what was trained from it: learned positions, GELU without a gate.</summary>
/// <remarks>GELU is the approximation by tanh, as in llama.cpp, so that vectors agree with those already kept somewhere.</remarks>
public sealed class Bert : Encoder
{
    /// <inheritdoc/>
    public override string Name => "bert";

    /// <inheritdoc/>
    internal override HyperParameters ReadHyperParameters(HyperParameterReader keys) => EncoderShape.Read(keys) with
    {
        FeedForwardKind = FeedForwardKind.Gelu,
        LearnedPositions = true,
    };
}
