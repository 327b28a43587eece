namespace Causerie.Gateway.Dialects;

/// <summary>A failure as a caller of an API sees it.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Type">The family of the error, such as <c>invalid_request_error</c>.</param>
/// <param name="Message">What is wrong and what to do about it.</param>
/// <param name="Param">The field at fault, such as <c>messages[0].content</c>.</param>
/// <param name="Code">The error's name for programs, such as <c>model_not_found</c>.</param>
public sealed record DialectError(int Status, string Type, string Message, string? Param = null, string? Code = null)
{
    /// <summary>When to try again, for failures that pass.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>A request that a dialect refuses before it reaches a model.</summary>
public sealed class RejectedException(DialectError error) : Exception(error.Message)
{
    /// <summary>What the caller is told.</summary>
    public DialectError Error { get; } = error;
}
