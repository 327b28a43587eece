using Causerie.Chat;

namespace Causerie.Conversations;

/// <summary>One node of a conversation's message tree: what was said, by whom, and how it ended.</summary>
/// <param name="Id">Grows with time; never used twice.</param>
/// <param name="Conversation">The conversation that it belongs to.</param>
/// <param name="Parent">The message that it answers; null for a first message.</param>
/// <param name="Role">Who speaks: the person or the model.</param>
/// <param name="Text">What was said so far.</param>
/// <param name="State">Whether more is coming, and if not, how it ended.</param>
/// <param name="Created">When it was begun.</param>
public sealed record Message(
    long Id, string Conversation, long? Parent, ChatRole Role, string Text, MessageState State, DateTimeOffset Created)
{
    /// <summary>The model that answered; null on a person's message and before the model has begun.</summary>
    public string? Model { get; init; }

    /// <summary>Why there is no (whole) answer; set when <see cref="MessageState.Failed"/>.</summary>
    public Failure? Failure { get; init; }

    /// <summary>Tokens read and written; null until the answer is complete.</summary>
    public TokenUsage? Usage { get; init; }
}

/// <summary>How far a message has come.</summary>
public enum MessageState
{
    /// <summary>Nothing is missing.</summary>
    Complete,

    /// <summary>A model is writing it now.</summary>
    Writing,

    /// <summary>A person stopped it.</summary>
    Stopped,

    /// <summary>The program ended while it was being written.</summary>
    Interrupted,

    /// <summary>The model ran into its limit of tokens.</summary>
    CutShort,

    /// <summary>The model could not answer, or died while it did.</summary>
    Failed,
}

/// <summary>Why an answer failed, in words for the person who waits for it.</summary>
public sealed record Failure(ChatErrorKind Kind, string Text);
