using System.Collections.Immutable;

namespace Causerie.Chat;

/// <summary>What one caller asks of one model: the only thing that goes down through the waist of the house.</summary>
/// <remarks>Immutable, so that a router may replay it to another model when the first one dies.</remarks>
public sealed record ChatRequest
{
    /// <summary>The model's id as the caller wrote it; a router decides who answers to it.</summary>
    public required string Model { get; init; }

    /// <summary>The conversation so far, oldest first; empty only beside a <see cref="Text"/> or <see cref="TextTokens"/>.</summary>
    public required ImmutableArray<ChatMessage> Messages { get; init; }

    /// <summary>
    /// A text to go on with as it stands, without roles or a template; then there are no <see cref="Messages"/>.
    /// </summary>
    public string? Text { get; init; }

    /// <summary>The same as token ids of the model's own vocabulary, in place of a <see cref="Text"/>; none where there are none.</summary>
    public ImmutableArray<int> TextTokens { get; init; } = [];

    /// <summary>
    /// What comes behind the answer to a <see cref="Text"/>, which is to fill the place between; models that have not learnt
    /// that refuse it.
    /// </summary>
    public string? Suffix { get; init; }

    /// <summary>How the next token is picked.</summary>
    public SamplingOptions Sampling { get; init; } = SamplingOptions.ModelDefault;

    /// <summary>Upper bound on generated tokens; null means up to the end of the context.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>
    /// Whether the oldest turns may be left out where the conversation does not fit the model's context; else that is an error.
    /// </summary>
    public bool DropsOldest { get; init; }

    /// <summary>A text that the answer is likely to repeat in parts: a model may be faster for it, and says nothing else.</summary>
    public string? Prediction { get; init; }

    /// <summary>Texts that end the answer; they are not part of it.</summary>
    public ImmutableArray<string> Stop { get; init; } = [];

    /// <summary>Which texts the answer is held to; null leaves it free.</summary>
    public AnswerGrammar? Grammar { get; init; }

    /// <summary>What the model may call; empty where it is offered nothing.</summary>
    public ImmutableArray<ChatTool> Tools { get; init; } = [];

    /// <summary>Whether it may, must or must not call them.</summary>
    public ToolChoice ToolChoice { get; init; } = ToolChoice.Auto;

    /// <summary>Whether it may make several calls in one answer.</summary>
    public bool ParallelToolCalls { get; init; } = true;

    /// <summary>How long the model is to think, such as <c>low</c>; <c>none</c> asks it not to. Null leaves it to the model.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>How many likely tokens are told beside each of the answer, 0 to 20; null tells no probabilities.</summary>
    public int? LogProbs { get; init; }

    /// <summary>Whether a receipt is to be kept, from which anybody with the model can give the answer again.</summary>
    public bool Receipt { get; init; }

    /// <summary>Who asks, as far as the host knows: clients of one model take turns.</summary>
    public string Client { get; init; } = "";

    /// <summary>Whether it gives way to others that wait: nobody watches the answer being written.</summary>
    public bool IsPatient { get; init; }

    /// <summary>
    /// Whose earlier prompts may speed this one up: who shares them could also measure that they were asked.
    /// </summary>
    public string Scope { get; init; } = "";
}

/// <summary>One turn of a conversation: who spoke, and the text.</summary>
public sealed record ChatMessage(ChatRole Role, string Text)
{
    /// <summary>The speaker's name where the caller gave one, for templates that print it.</summary>
    public string? Name { get; init; }

    /// <summary>What the model thought before it answered so, for templates that show it again.</summary>
    public string? Thinking { get; init; }

    /// <summary>The calls that the model made.</summary>
    public ImmutableArray<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>Which call this message is the result of.</summary>
    public string? ToolCallId { get; init; }
}

/// <summary>Who speaks in a <see cref="ChatMessage"/>.</summary>
public enum ChatRole
{
    /// <summary>Instructions that frame the conversation.</summary>
    System,

    /// <summary>Instructions of the program's author; most templates treat them as <see cref="System"/>.</summary>
    Developer,

    /// <summary>The person or program that asks.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,

    /// <summary>A tool, which gives what the model's call came to.</summary>
    Tool,
}
