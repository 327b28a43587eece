using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Sampling;

/// <summary>Keeps the tokens at least p times as likely as the best one.</summary>
/// <remarks>Nguyen et al., arXiv:2407.01082.</remarks>
public sealed class MinP : SamplerStage
{
    private double _p;

    /// <inheritdoc/>
    public override int Place => 600;

    /// <inheritdoc/>
    public override bool Configure(SamplerSettings settings, Tokenizer tokenizer)
    {
        _p = settings.MinP;
        return _p > 0 && !settings.OnlyTheBestMatters;
    }

    /// <inheritdoc/>
    public override void Narrow(Candidates candidates)
    {
        candidates.Order(1);
        candidates.KeepFrom(candidates.Logit(0) + (float)Math.Log(_p));
    }
}
