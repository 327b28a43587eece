namespace Causerie.Conversations.Turns;

/// <summary>An answer being written, as it stands at one moment.</summary>
/// <param name="Version">Grows with each change; the answer of a later version contains that of an earlier one.</param>
/// <param name="Conversation">Where it is written.</param>
/// <param name="Message">The message that it fills.</param>
/// <param name="Text">What was written so far.</param>
public sealed record TurnView(long Version, string Conversation, long Message, string Text)
{
    /// <summary>Prompt tokens read so far; null before the model tells.</summary>
    public int? PromptTokensDone { get; init; }

    /// <summary>Prompt tokens in all; null before the model tells.</summary>
    public int? PromptTokens { get; init; }

    /// <summary>Pieces of text written each second, which are tokens or nearly; null before the second piece.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>Nothing more comes; the message in the database tells how it ended.</summary>
    public bool Ended { get; init; }
}
