using System.Collections.Immutable;

namespace Causerie.Chat;

/// <summary>What comes up through the waist: a closed union of the events of one answer, in order.</summary>
/// <remarks><c>ChatStarted (ChatProgress | ChatThinking | ChatText | ChatToolCall)* ChatFinished</c>; an error is a <see cref="ChatException"/>.</remarks>
public abstract record ChatEvent
{
    private protected ChatEvent()
    {
    }
}

/// <summary>The request was accepted: which model answers, with which engine and weights.</summary>
/// <param name="Model">The id of the model that answers.</param>
/// <param name="Fingerprint">
/// Engine version and model file, for <c>system_fingerprint</c>; null when unknown, or not known yet.
/// </param>
public sealed record ChatStarted(string Model, string? Fingerprint) : ChatEvent;

/// <summary>How much of the prompt has been read, so that a person who waits can see it move.</summary>
/// <param name="PromptTokensDone">Prompt tokens processed so far.</param>
/// <param name="PromptTokens">Prompt tokens in all.</param>
public sealed record ChatProgress(int PromptTokensDone, int PromptTokens) : ChatEvent;

/// <summary>The next piece of the answer: whole characters, never half a UTF-8 sequence.</summary>
public sealed record ChatText(string Text) : ChatEvent
{
    /// <summary>The tokens that the piece is made of, where <see cref="ChatRequest.LogProbs"/> asks for them.</summary>
    public ImmutableArray<TokenLogProb> LogProbs { get; init; } = [];
}

/// <summary>The next piece of what the model thinks before it answers; no part of the answer.</summary>
public sealed record ChatThinking(string Text) : ChatEvent;

/// <summary>The next piece of a call that the model makes; its first piece has the id and the name.</summary>
/// <param name="Index">Which of the answer's calls, from 0.</param>
/// <param name="Arguments">The next piece of the arguments, which together are JSON.</param>
public sealed record ChatToolCall(int Index, string Arguments) : ChatEvent
{
    /// <summary>Names the call, so that its result can; null in later pieces.</summary>
    public string? Id { get; init; }

    /// <summary>The tool that is called; null in later pieces.</summary>
    public string? Name { get; init; }
}

/// <summary>How likely the model held a token to be, before any sampler.</summary>
/// <param name="Bytes">What the token adds to the text, in UTF-8; possibly part of a character.</param>
/// <param name="LogProb">Natural logarithm of the probability.</param>
public sealed record TokenLogProb(ImmutableArray<byte> Bytes, float LogProb)
{
    /// <summary>The most likely tokens in its place, the best first.</summary>
    public ImmutableArray<TokenLogProb> Top { get; init; } = [];
}

/// <summary>The answer is complete.</summary>
public sealed record ChatFinished(FinishReason Reason, TokenUsage Usage) : ChatEvent
{
    /// <summary>As <see cref="ChatStarted.Fingerprint"/>, where it became known only while the answer was written.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>What it takes to give the answer again; only a model on this machine knows, and only where asked.</summary>
    public AnswerTrace? Trace { get; init; }

    /// <summary>Names the receipt that was kept of the answer; null where none was.</summary>
    public string? ReceiptId { get; init; }
}

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>The model ended its turn, or a stop text was met.</summary>
    Stop,

    /// <summary>The model called tools and waits for what they give.</summary>
    ToolCalls,

    /// <summary><see cref="ChatRequest.MaxTokens"/> or the end of the context was reached.</summary>
    Length,
}

/// <summary>Tokens read and written for one answer, and how long each phase took.</summary>
public sealed record TokenUsage(int PromptTokens, int CompletionTokens)
{
    /// <summary>Prompt tokens that were not read anew, because an earlier prompt began with them.</summary>
    public int CachedTokens { get; init; }

    /// <summary>Tokens of the answer that the model spent on thinking.</summary>
    public int ThinkingTokens { get; init; }

    /// <summary>Tokens of <see cref="ChatRequest.Prediction"/> that came as they were guessed.</summary>
    public int AcceptedPredictionTokens { get; init; }

    /// <summary>Tokens of it that were guessed and did not come; they are no part of the answer and count nowhere else.</summary>
    public int RejectedPredictionTokens { get; init; }

    /// <summary>Time spent reading the prompt; zero when unknown.</summary>
    public TimeSpan PromptTime { get; init; }

    /// <summary>Time spent writing the answer; zero when unknown.</summary>
    public TimeSpan CompletionTime { get; init; }

    /// <summary>Both together.</summary>
    public int TotalTokens => PromptTokens + CompletionTokens;
}
