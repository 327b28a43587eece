namespace Causerie.Conversations;

/// <summary>One line of the conversation list, with the settings that hold for the whole conversation.</summary>
/// <param name="Id">32 hexadecimal digits, in the order of creation.</param>
/// <param name="Title">From the first message until a person renames it.</param>
/// <param name="Created">When it was begun.</param>
/// <param name="Updated">When something was last said in it.</param>
public sealed record Conversation(string Id, string Title, DateTimeOffset Created, DateTimeOffset Updated)
{
    /// <summary>What its answers are made with.</summary>
    public ConversationSettings Settings { get; init; } = ConversationSettings.Default;

    /// <summary>The last message of the branch on show; null while nothing was said.</summary>
    public long? Leaf { get; init; }
}

/// <summary>What the answers of one conversation are made with.</summary>
/// <param name="Model">The id of the model; null takes the first one that is there.</param>
/// <param name="SystemPrompt">Instructions that frame the conversation; null for none.</param>
/// <param name="Temperature">0 to 2; null leaves it to the model.</param>
public sealed record ConversationSettings(string? Model, string? SystemPrompt, double? Temperature)
{
    /// <summary>Everything left to the model.</summary>
    public static ConversationSettings Default { get; } = new(null, null, null);
}
