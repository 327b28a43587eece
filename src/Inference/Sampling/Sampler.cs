using Causerie.Chat;
using Causerie.Text.Grammars;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Sampling;

/// <summary>Picks the next token of one sequence from its logits: the chain of samplers and the dice.</summary>
/// <remarks>
/// The order is llama.cpp's: grammar, logit bias, penalties, DRY, top-k, typical, top-p, min-p, temperature, pick. No token costs
/// an allocation, and no more of the vocabulary is sorted than is kept.
/// </remarks>
public sealed class Sampler
{
    private readonly SamplerStage[] _chain;
    private readonly GrammarMask? _mask;
    private readonly Candidates _candidates;
    private readonly Xoshiro256 _dice;
    private readonly int _seen; // of the best candidates, by the first stage that looks at any

    private Sampler(SamplerStage[] chain, GrammarMask? mask, Candidates candidates, ulong seed)
    {
        _mask = mask;
        _chain = chain;
        _candidates = candidates;
        _seen = chain.Select(stage => stage.Sees).FirstOrDefault(sees => sees is not null) ?? int.MaxValue;
        _dice = new Xoshiro256(seed);
        Seed = seed;
    }

    /// <summary>What the dice started from; the same seed, logits and options pick the same tokens.</summary>
    public ulong Seed { get; }

    /// <summary>A sampler for one sequence.</summary>
    /// <param name="options">What the request asks for, validated.</param>
    /// <param name="defaults">What the model wants where the request leaves it open.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="seed">The seed where <paramref name="options"/> name none.</param>
    /// <param name="workspace">Buffers to share with the other samplers of the same thread; null makes its own.</param>
    /// <param name="grammar">Texts that the answer is held to; null leaves it free.</param>
    /// <exception cref="ChatException">An option does not fit the model; the message names it.</exception>
    public static Sampler Create(
        SamplingOptions options, SamplerDefaults defaults, Tokenizer tokenizer, ulong seed, Candidates? workspace = null,
        Grammar? grammar = null) => new(
            SamplerStage.Chain(defaults.Resolve(options), tokenizer),
            grammar is null ? null : new GrammarMask(grammar, tokenizer), workspace ?? new Candidates(), options.Seed ?? seed);

    /// <summary>Learns of the prompt; penalties and DRY look back on it.</summary>
    public void AcceptPrompt(ReadOnlySpan<int> prompt)
    {
        foreach (int token in prompt)
            foreach (var stage in _chain)
                stage.Accept(token);
    }

    /// <summary>Learns of a token of the answer once it is kept.</summary>
    public void Accept(int token)
    {
        _mask?.Accept(token);
        foreach (var stage in _chain)
            stage.Accept(token);
    }

    /// <summary>The next token; it is not accepted yet.</summary>
    /// <param name="logits">[vocabulary] f32; changed by bias, penalties and DRY.</param>
    /// <exception cref="ChatException">A logit is NaN or +∞, or no token is possible.</exception>
    public int Pick(Span<float> logits)
    {
        Narrow(logits);
        if (_candidates.Count == 1)
            return _candidates.Id(0);
        var weights = _candidates.Weigh(out double sum);
        return _candidates.At(weights, _dice.NextDouble() * sum);
    }

    /// <summary>Runs the chain up to the pick.</summary>
    internal Candidates Narrow(Span<float> logits)
    {
        _mask?.Apply(logits);
        foreach (var stage in _chain)
            stage.Adjust(logits);
        _candidates.Load(logits, _seen);
        foreach (var stage in _chain)
            stage.Narrow(_candidates);
        return _candidates;
    }
}
