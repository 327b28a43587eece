using Causerie.Chat;
using Causerie.Inference.Scheduling;
using Causerie.Text.Grammars;

namespace Causerie.Inference;

/// <summary>What an engine is asked: token ids to continue, and how.</summary>
/// <param name="Prompt">Token ids; at least one.</param>
public sealed record GenerationRequest(int[] Prompt)
{
    /// <summary>How the next token is picked.</summary>
    public SamplingOptions Sampling { get; init; } = SamplingOptions.ModelDefault;

    /// <summary>Texts that the answer is held to, begun by no other request; null leaves it free.</summary>
    public Grammar? Grammar { get; init; }

    /// <summary>What the answer is likely to repeat: makes it faster and changes no token. Belongs to this request alone.</summary>
    public Prediction? Prediction { get; init; }

    /// <summary>Upper bound on generated tokens; null means up to the end of the context.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Whether to write on where the model would end, as measurements need.</summary>
    public bool IgnoreEnd { get; init; }

    /// <summary>Whether tokens and the end are to tell the digest of the logits that they were picked from.</summary>
    public bool Digest { get; init; }

    /// <summary>How many likely tokens are told beside each of the answer; null tells no probabilities.</summary>
    public int? LogProbs { get; init; }

    /// <summary>Who asks, as far as it is known: clients take turns, however many requests each has.</summary>
    public string Client { get; init; } = "";

    /// <summary>Whether it starts only when nobody waits who does not say so.</summary>
    public bool IsPatient { get; init; }

    /// <summary>
    /// Whose prompts this one's keys and values may be shared with: who could use them could also measure that
    /// they are there.
    /// </summary>
    public string Scope { get; init; } = "";
}

/// <summary>What an engine answers: <c>PromptRead* GeneratedToken* GenerationEnded</c>.</summary>
public abstract record GenerationEvent
{
    private protected GenerationEvent()
    {
    }
}

/// <summary>A part of the prompt was read.</summary>
/// <param name="Done">Prompt tokens read so far.</param>
/// <param name="Total">Prompt tokens in all.</param>
/// <param name="Cached">Those that were not read anew, because an earlier prompt began with them.</param>
public sealed record PromptRead(int Done, int Total, int Cached) : GenerationEvent;

/// <summary>The next token; those that end the answer are not given.</summary>
/// <param name="Id">Token id.</param>
public sealed record GeneratedToken(int Id) : GenerationEvent
{
    /// <summary>
    /// Of the logits of this token and of all before it. Null unless <see cref="GenerationRequest.Digest"/> asked.
    /// </summary>
    public string? Digest { get; init; }

    /// <summary>How likely it was. Null unless <see cref="GenerationRequest.LogProbs"/> asked.</summary>
    public TokenChance? Chance { get; init; }
}

/// <summary>How likely a token was by the model's own logits, before any sampler.</summary>
/// <param name="LogProb">Natural logarithm of its probability.</param>
/// <param name="Top">The most likely tokens in its place, the best first, likewise.</param>
public sealed record TokenChance(float LogProb, (int Id, float LogProb)[] Top);

/// <summary>The answer is complete.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Usage">Tokens and times; the token that ended the answer counts.</param>
public sealed record GenerationEnded(FinishReason Reason, TokenUsage Usage) : GenerationEvent
{
    /// <summary>
    /// Of the logits of every token in turn, that which ended the answer included: the same where every bit is the same.
    /// Null unless <see cref="GenerationRequest.Digest"/> asked for it.
    /// </summary>
    public string? Digest { get; init; }

    /// <summary>The token that ended the answer, which was not given; null where the length did.</summary>
    public int? EndToken { get; init; }
}
