using Causerie.Chat;

namespace Causerie.Conversations.Storage;

/// <summary>A line of the table <c>conversation</c>, as Dapper fills it.</summary>
internal sealed class ConversationRow
{
    public required string Id { get; init; }
    public required string Title { get; init; }
    public long Created { get; init; }
    public long Updated { get; init; }
    public string? Model { get; init; }
    public string? SystemPrompt { get; init; }
    public double? Temperature { get; init; }
    public long? Leaf { get; init; }

    public Conversation Shape() => new(
        Id, Title, DateTimeOffset.FromUnixTimeMilliseconds(Created), DateTimeOffset.FromUnixTimeMilliseconds(Updated))
    {
        Settings = new ConversationSettings(Model, SystemPrompt, Temperature),
        Leaf = Leaf,
    };
}

/// <summary>A line of the table <c>message</c>, as Dapper fills it.</summary>
internal sealed class MessageRow
{
    public long Id { get; init; }
    public required string Conversation { get; init; }
    public long? Parent { get; init; }
    public required string Role { get; init; }
    public required string Text { get; init; }
    public required string State { get; init; }
    public long Created { get; init; }
    public string? Model { get; init; }
    public string? FailureKind { get; init; }
    public string? FailureText { get; init; }
    public int? PromptTokens { get; init; }
    public int? CompletionTokens { get; init; }
    public long? PromptMs { get; init; }
    public long? CompletionMs { get; init; }

    public Message Shape() => new(
        Id, Conversation, Parent, Enum.Parse<ChatRole>(Role), Text, Enum.Parse<MessageState>(State),
        DateTimeOffset.FromUnixTimeMilliseconds(Created))
    {
        Model = Model,
        Failure = FailureText is null ? null : new Failure(Enum.Parse<ChatErrorKind>(FailureKind!), FailureText),
        Usage = CompletionTokens is not { } written ? null : new TokenUsage(PromptTokens ?? 0, written)
        {
            PromptTime = TimeSpan.FromMilliseconds(PromptMs ?? 0),
            CompletionTime = TimeSpan.FromMilliseconds(CompletionMs ?? 0),
        },
    };
}
