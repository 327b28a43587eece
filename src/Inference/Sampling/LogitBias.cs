using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Sampling;

/// <summary>Adds to the logits of named tokens what the request asks for.</summary>
public sealed class LogitBias : SamplerStage
{
    private ImmutableArray<KeyValuePair<int, float>> _bias = [];

    /// <inheritdoc/>
    public override int Place => 0;

    /// <inheritdoc/>
    public override int? Sees => null;

    /// <inheritdoc/>
    /// <exception cref="ChatException">The model has no such token.</exception>
    public override bool Configure(SamplerSettings settings, Tokenizer tokenizer)
    {
        int vocabulary = tokenizer.Vocabulary.Tokens.Length;
        foreach (int id in settings.LogitBias.Keys)
            if (id < 0 || id >= vocabulary)
                throw ChatException.Invalid(
                    $"logit_bias names token {id}; this model's tokens go from 0 to {vocabulary - 1}.", $"logit_bias.{id}");
        _bias = [.. settings.LogitBias];
        return _bias.Length > 0;
    }

    /// <inheritdoc/>
    public override void Adjust(Span<float> logits)
    {
        foreach (var (id, bias) in _bias)
            logits[id] += bias;
    }
}
