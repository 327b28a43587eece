using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Sampling;

/// <summary>Makes tokens of the last part of the text less likely: repeat, presence and frequency penalty.</summary>
/// <remarks>
/// For a token seen c times in the window: its logit is divided by the repeat penalty where positive, multiplied where
/// not (CTRL, arXiv:1909.05858, as llama.cpp amends it), then lessened by c · frequency + presence (OpenAI's definition).
/// </remarks>
public sealed class Penalties : SamplerStage
{
    private const int Room = 1024;

    private readonly Queue<int> _window = new();
    private readonly Dictionary<int, int> _counts = [];
    private int _size;
    private float _repeat;
    private float _presence;
    private float _frequency;

    /// <inheritdoc/>
    public override int Place => 100;

    /// <inheritdoc/>
    public override int? Sees => null;

    /// <inheritdoc/>
    public override bool Configure(SamplerSettings settings, Tokenizer tokenizer)
    {
        _size = settings.RepeatWindow < 0 ? int.MaxValue : settings.RepeatWindow;
        _repeat = (float)settings.RepeatPenalty;
        _presence = (float)settings.PresencePenalty;
        _frequency = (float)settings.FrequencyPenalty;
        if (_size <= 0 || (_repeat == 1 && _presence == 0 && _frequency == 0))
            return false;
        // Here rather than between two tokens.
        _window.EnsureCapacity(Math.Min(_size, Room));
        _counts.EnsureCapacity(Math.Min(_size, Room));
        return true;
    }

    /// <inheritdoc/>
    public override void Accept(int token)
    {
        if (_window.Count == _size)
        {
            int gone = _window.Dequeue();
            if (--_counts[gone] == 0)
                _counts.Remove(gone);
        }
        _window.Enqueue(token);
        _counts[token] = _counts.GetValueOrDefault(token) + 1;
    }

    /// <inheritdoc/>
    public override void Adjust(Span<float> logits)
    {
        foreach (var (token, count) in _counts)
        {
            ref float logit = ref logits[token];
            logit = logit <= 0 ? logit * _repeat : logit / _repeat;
            logit -= (count * _frequency) + _presence;
        }
    }
}
