using System.Collections.Immutable;

namespace Causerie.Chat;

/// <summary>A tool of the caller's that the model may call: a function with arguments, or one that takes a text.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">A JSON Schema of its arguments, as JSON.</param>
public sealed record ChatTool(string Name, string Parameters)
{
    /// <summary>What it does, for the model to read.</summary>
    public string? Description { get; init; }

    /// <summary>Whether its arguments must be of the schema, to the letter.</summary>
    public bool Strict { get; init; }

    /// <summary>Whether its caller wants a text and no JSON: the model gives that text as the argument <c>input</c>, the only one.</summary>
    public bool IsCustom { get; init; }

    /// <summary>What that text is held to; null leaves it free.</summary>
    public AnswerGrammar? Input { get; init; }
}

/// <summary>A call that the model made.</summary>
/// <param name="Id">Names the call.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">JSON, as the model wrote it.</param>
public sealed record ToolCall(string Id, string Name, string Arguments);

/// <summary>Whether the model may, must or must not call tools.</summary>
/// <param name="Mode">Which of them.</param>
public sealed record ToolChoice(ToolMode Mode)
{
    /// <summary>As the model likes.</summary>
    public static ToolChoice Auto { get; } = new(ToolMode.Auto);

    /// <summary>No call.</summary>
    public static ToolChoice None { get; } = new(ToolMode.None);

    /// <summary>The tools that may be called; empty leaves all.</summary>
    public ImmutableArray<string> Allowed { get; init; } = [];
}

/// <summary>How free the model is in calling tools.</summary>
public enum ToolMode
{
    /// <summary>It may.</summary>
    Auto,

    /// <summary>It must not.</summary>
    None,

    /// <summary>It must.</summary>
    Required,
}
