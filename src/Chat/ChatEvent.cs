namespace Causerie.Chat;

/// <summary>What comes up through the waist: a closed union of the events of one answer, in order.</summary>
/// <remarks><c>ChatStarted (ChatProgress | ChatText)* ChatFinished</c>; an error is a <see cref="ChatException"/>.</remarks>
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
public sealed record ChatText(string Text) : ChatEvent;

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

    /// <summary><see cref="ChatRequest.MaxTokens"/> or the end of the context was reached.</summary>
    Length,
}

/// <summary>Tokens read and written for one answer, and how long each phase took.</summary>
public sealed record TokenUsage(int PromptTokens, int CompletionTokens)
{
    /// <summary>Prompt tokens that were not read anew, because an earlier prompt began with them.</summary>
    public int CachedTokens { get; init; }

    /// <summary>Time spent reading the prompt; zero when unknown.</summary>
    public TimeSpan PromptTime { get; init; }

    /// <summary>Time spent writing the answer; zero when unknown.</summary>
    public TimeSpan CompletionTime { get; init; }

    /// <summary>Both together.</summary>
    public int TotalTokens => PromptTokens + CompletionTokens;
}
