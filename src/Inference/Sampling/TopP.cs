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
    public override void Narrow(Candidates candidates) => candidates.KeepShare(_p);
}
