using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Sampling;

/// <summary>Keeps the tokens whose surprise is nearest to what is expected, until they carry the mass p.</summary>
/// <remarks>Locally typical sampling, Meister et al., arXiv:2202.00666: order by |−log p − H|.</remarks>
public sealed class TypicalP : SamplerStage
{
    private double _p;
    private float[] _scores = [];

    /// <inheritdoc/>
    public override int Place => 400;

    /// <inheritdoc/>
    public override bool Configure(SamplerSettings settings, Tokenizer tokenizer)
    {
        _p = settings.TypicalP;
        return _p < 1;
    }

    /// <inheritdoc/>
    public override void Narrow(Candidates candidates)
    {
        var weights = candidates.Weigh(out double sum);
        if (_scores.Length < weights.Length)
            _scores = new float[2 * weights.Length];
        candidates.CopyLogits(_scores);
        double largest = candidates.Logit(0);
        // H = −Σ p log p, where log p is taken from the logit, since the weight of an unlikely token may have become 0.
        double expected = 0;
        for (int i = 0; i < weights.Length; i++)
            expected += weights[i] * (_scores[i] - largest);
        double logSum = Math.Log(sum);
        double entropy = logSum - (expected / sum);
        for (int i = 0; i < weights.Length; i++)
            _scores[i] = (float)Math.Abs(logSum - (_scores[i] - largest) - entropy);
        candidates.KeepSmallest(_scores.AsSpan(0, weights.Length), weights, _p * sum);
    }
}
