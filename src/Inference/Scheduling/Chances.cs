namespace Causerie.Inference.Scheduling;

/// <summary>How likely each token of one answer was, by the logits as the model gave them.</summary>
/// <param name="top">How many of the most likely are told beside it.</param>
/// <param name="most">Tokens that the answer may have.</param>
internal sealed class Chances(int top, int most)
{
    /// <summary>As many as OpenAI's API tells.</summary>
    public const int MostTop = 20;

    private readonly TokenChance?[] _told = new TokenChance?[most];
    private readonly (int Id, float Logit)[] _best = new (int, float)[top];
    private float[] _logits = []; // [vocabulary] of the token that is being picked
    private double _logSum;
    private int _count;

    /// <summary>Of a token that was taken; the reader sees it once the token is told.</summary>
    public TokenChance? this[int at] => _told[at];

    /// <summary>Notes the logits of the next token, before samplers change them.</summary>
    /// <param name="logits">[vocabulary] f32.</param>
    public void Look(ReadOnlySpan<float> logits)
    {
        if (_logits.Length != logits.Length)
            _logits = new float[logits.Length];
        logits.CopyTo(_logits);
        float largest = float.NegativeInfinity;
        foreach (float logit in logits)
            largest = Math.Max(largest, logit);
        double sum = 0;
        foreach (float logit in logits)
            sum += Math.Exp(logit - largest);
        _logSum = largest + Math.Log(sum);
    }

    /// <summary>Notes which token was picked.</summary>
    public void Take(int id)
    {
        Array.Fill(_best, (-1, float.NegativeInfinity));
        for (int other = 0; other < _logits.Length && _best.Length > 0; other++)
        {
            float logit = _logits[other];
            if (!(logit > _best[^1].Logit))
                continue;
            int at = _best.Length - 1;
            for (; at > 0 && logit > _best[at - 1].Logit; at--)
                _best[at] = _best[at - 1];
            _best[at] = (other, logit);
        }
        _told[_count++] = new TokenChance(
            Of(_logits[id]), [.. _best.Where(one => one.Id >= 0).Select(one => (one.Id, Of(one.Logit)))]);
    }

    private float Of(float logit) => (float)(logit - _logSum);
}
