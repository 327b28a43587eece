using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Sampling;

/// <summary>Sharpens (below 1) or flattens (above 1) the choice; 0 leaves the best token alone.</summary>
public sealed class Temperature : SamplerStage
{
    private float _temperature;

    /// <inheritdoc/>
    public override int Place => 700;

    /// <inheritdoc/>
    public override int? Sees => _temperature > 0 ? int.MaxValue : 1;

    /// <inheritdoc/>
    public override bool Configure(SamplerSettings settings, Tokenizer tokenizer)
    {
        _temperature = (float)settings.Temperature;
        return _temperature != 1;
    }

    /// <inheritdoc/>
    public override void Narrow(Candidates candidates)
    {
        if (_temperature > 0)
        {
            candidates.Scale(_temperature);
            return;
        }
        candidates.Order(1);
        candidates.Truncate(1);
    }
}
