namespace Causerie.Chat;

/// <summary>A request that cannot be answered, with a message that tells the caller what to do about it.</summary>
public sealed class ChatException(ChatErrorKind kind, string message, string? field = null, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>What kind of failure it is; dialects turn it into their status codes.</summary>
    public ChatErrorKind Kind { get; } = kind;

    /// <summary>The request's field at fault, in the spelling of the APIs, such as <c>messages[0].content</c>.</summary>
    public string? Field { get; } = field;

    /// <summary>When it is worth trying again, as far as it can be told.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A request at fault.</summary>
    public static ChatException Invalid(string message, string? field = null) =>
        new(ChatErrorKind.InvalidRequest, message, field);
}

/// <summary>The kinds of failure that a caller can act upon.</summary>
public enum ChatErrorKind
{
    /// <summary>The request is malformed or out of range.</summary>
    InvalidRequest,

    /// <summary>The request uses something that this server or model does not honour.</summary>
    Unsupported,

    /// <summary>No model answers to the name.</summary>
    ModelNotFound,

    /// <summary>Prompt and answer do not fit the model's context.</summary>
    ContextLengthExceeded,

    /// <summary>Too much is asked at once; try again later.</summary>
    Overloaded,

    /// <summary>The model died or cannot be reached.</summary>
    Unavailable,

    /// <summary>A fault of ours.</summary>
    Internal,
}
