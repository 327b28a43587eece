using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Sampling;

/// <summary>Keeps the k most likely tokens.</summary>
public sealed class TopK : SamplerStage
{
    private int _k;

    /// <inheritdoc/>
    public override int Place => 300;

    /// <inheritdoc/>
    public override int? Sees => _k;

    /// <inheritdoc/>
    public override bool Configure(SamplerSettings settings, Tokenizer tokenizer)
    {
        _k = settings.TopK;
        return _k > 0 && !settings.OnlyTheBestMatters;
    }

    /// <inheritdoc/>
    public override void Narrow(Candidates candidates)
    {
        candidates.Order(_k);
        candidates.Truncate(_k);
    }
}
