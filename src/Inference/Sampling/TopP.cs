using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Sampling;

/// <summary>Nucleus sampling: keeps the fewest tokens that carry at least the mass p.</summary>
/// <remarks>Holtzman et al., arXiv:1904.09751.</remarks>
public sealed class TopP : SamplerStage
{
    private double _p;

    /// <inheritdoc/>
    public override int Place => 500;

    /// <inheritdoc/>
    public override bool Configure(SamplerSettings settings, Tokenizer tokenizer)
    {
        _p = settings.TopP;
        return _p < 1 && !settings.OnlyTheBestMatters;
    }

    /// <inheritdoc/>
    public override void Narrow(Candidates candidates)
    {
        candidates.Weigh(out double sum);
        double largest = candidates.Logit(0);
        double mass = 0;
        int kept = 0;
        int ordered = 0;
        while (kept < candidates.Count && (kept == 0 || mass < _p * sum))
        {
            if (kept == ordered)
                candidates.Order(ordered = Math.Max(64, 4 * ordered));
            mass += Math.Exp(candidates.Logit(kept++) - largest);
        }
        candidates.Truncate(kept);
    }
}
