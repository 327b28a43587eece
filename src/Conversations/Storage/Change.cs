namespace Causerie.Conversations.Storage;

/// <summary>Something that an open page may have to show anew.</summary>
/// <param name="Conversation">Where it happened.</param>
/// <param name="What">Which part of the page it concerns.</param>
public readonly record struct Change(string Conversation, ChangeKind What);

/// <summary>What changed in a conversation.</summary>
public enum ChangeKind
{
    /// <summary>Its line in the list: begun, renamed, deleted or moved to the top.</summary>
    Line,

    /// <summary>Its messages: one was added or ended, or another branch is on show.</summary>
    Messages,
}
