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
        double entropy = 0;
        foreach (double weight in weights)
            if (weight > 0)
                entropy -= weight / sum * Math.Log(weight / sum);
        double largest = candidates.Logit(0);
        for (int i = 0; i < weights.Length; i++)
        {
            // log p from the logit, since the weight of an unlikely token may have become 0.
            double logProbability = candidates.Logit(i) - largest - Math.Log(sum);
            _scores[i] = (float)Math.Abs(-logProbability - entropy);
        }
        candidates.KeepSmallest(_scores.AsSpan(0, weights.Length), weights, _p * sum);
    }
}
