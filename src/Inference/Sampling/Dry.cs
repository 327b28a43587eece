using System.Text;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Sampling;

/// <summary>DRY, "don't repeat yourself": makes a token less likely the longer the repetition is that it would continue.</summary>
/// <remarks>
/// By p-e-w, <see href="https://github.com/oobabooga/text-generation-webui/pull/5677"/>: a token that would continue a
/// repetition of n ≥ allowed tokens loses multiplier · base^(n − allowed). A sequence breaker ends what counts as the
/// present sequence. Each token costs time linear in the window, and none after a fresh breaker.
/// </remarks>
public sealed class Dry : SamplerStage
{
    private const int Room = 256;
    private const int UsualHistory = 4096; // tokens that a sequence has room for from the start

    private readonly Dictionary<int, int> _longest = [];
    private Tokenizer? _tokenizer;
    private byte[][] _breakers = [];
    private byte[] _tail = [];
    private int _tailLength;
    private int _kept;
    private int[] _tokens = [];
    private int[] _matches = [];
    private int _count;
    private int _sinceBreaker;
    private int _window;
    private int _allowed;
    private double _multiplier;
    private double _base;

    /// <inheritdoc/>
    public override int Place => 200;

    /// <inheritdoc/>
    public override int? Sees => null;

    /// <inheritdoc/>
    public override bool Configure(SamplerSettings settings, Tokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        _window = settings.DryWindow < 0 ? int.MaxValue : settings.DryWindow;
        _allowed = settings.DryAllowedLength;
        _multiplier = settings.DryMultiplier;
        _base = settings.DryBase;
        _breakers =
        [
            .. settings.DrySequenceBreakers.Where(text => text.Length > 0).Select(Encoding.UTF8.GetBytes),
        ];
        _kept = _breakers.Length == 0 ? 0 : _breakers.Max(breaker => breaker.Length) - 1;
        if (_multiplier == 0 || _base < 1 || _window <= 0)
            return false;
        // Here rather than between two tokens.
        _longest.EnsureCapacity(Room);
        _tokens = new int[2 * Math.Min(_window, UsualHistory / 2)];
        _matches = new int[_tokens.Length];
        return true;
    }

    /// <inheritdoc/>
    public override void Accept(int token)
    {
        if (_count == _tokens.Length)
            MakeRoom();
        _tokens[_count++] = token;
        _sinceBreaker = EndsBreaker(token) ? 0 : _sinceBreaker + 1;
    }

    /// <inheritdoc/>
    public override void Adjust(Span<float> logits)
    {
        int length = Math.Min(_count, _window);
        int limit = Math.Min(_sinceBreaker, length);
        if (length <= _allowed || limit < _allowed)
            return;
        FindRepetitions(_tokens.AsSpan(_count - length, length), limit);
        // Beyond this the power would overflow an f32, as in the definition's first implementation.
        double mostExponent = _base > 1.000001 ? Math.Floor(Math.Log(float.MaxValue) / Math.Log(_base)) : double.MaxValue;
        foreach (var (token, repeated) in _longest)
            logits[token] -= (float)(_multiplier * Math.Pow(_base, Math.Min(repeated - _allowed, mostExponent)));
    }

    private void MakeRoom()
    {
        if (_window <= _count / 2)
        {
            // What the window has left behind makes room for as many again.
            _tokens.AsSpan(_count - _window, _window).CopyTo(_tokens);
            _count = _window;
            return;
        }
        Array.Resize(ref _tokens, 2 * _count);
        _matches = new int[_tokens.Length];
    }

    /// <summary>For each token, the longest end of the text that it followed before.</summary>
    /// <remarks>
    /// The Z-function over the reversed window: _matches[k] is how many tokens that end k before the end equal the end.
    /// </remarks>
    private void FindRepetitions(ReadOnlySpan<int> window, int limit)
    {
        int n = window.Length;
        _longest.Clear();
        int left = 0;
        int right = 0;
        for (int k = 1; k < n; k++)
        {
            int matched = k < right ? Math.Min(_matches[k - left], right - k) : 0;
            while (k + matched < n && window[n - 1 - matched] == window[n - 1 - k - matched])
                matched++;
            _matches[k] = matched;
            if (k + matched > right)
            {
                left = k;
                right = k + matched;
            }
            int repeated = Math.Min(matched, limit);
            if (repeated < _allowed)
                continue;
            int next = window[n - k];
            if (!_longest.TryGetValue(next, out int longest) || repeated > longest)
                _longest[next] = repeated;
        }
    }

    // A breaker may straddle tokens, so the end of the text before this token is looked at as well.
    private bool EndsBreaker(int token)
    {
        var bytes = _tokenizer!.Bytes(token, showSpecial: true);
        if (_tail.Length < _kept + bytes.Length)
            Array.Resize(ref _tail, Math.Max(64, 2 * (_kept + bytes.Length)));
        bytes.CopyTo(_tail.AsSpan(_tailLength));
        var text = _tail.AsSpan(0, _tailLength + bytes.Length);
        bool ended = false;
        foreach (byte[] breaker in _breakers)
            ended |= text[Math.Max(0, _tailLength - breaker.Length + 1)..].IndexOf(breaker) >= 0;
        var rest = text[Math.Max(0, text.Length - _kept)..];
        rest.CopyTo(_tail);
        _tailLength = rest.Length;
        return ended;
    }
}
