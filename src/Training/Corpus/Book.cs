namespace Causerie.Training.Corpus;

/// <summary>What people may ask about one thing, and what the model answers, turn by turn.</summary>
/// <param name="Name">Its name, the same in every language.</param>
/// <param name="Language">The folder that it stands in, such as <c>fr</c>.</param>
/// <param name="Weight">How often it is drawn beside others.</param>
/// <param name="Systems">System prompts, one of which is drawn; empty for none.</param>
/// <param name="Tools">Names of the tools that its dialogue offers.</param>
/// <param name="Turns">Questions and answers, in order.</param>
public sealed record Topic(
    string Name, string Language, int Weight, IReadOnlyList<Phrase> Systems, IReadOnlyList<string> Tools,
    IReadOnlyList<Turn> Turns)
{
    /// <summary>Names of the tools that change its answer: it never follows where one of them is offered.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>Whether it can only begin a dialogue, since it says what stands at the head of one.</summary>
    public bool Begins => Systems.Count > 0 || Tools.Count > 0;
}

/// <summary>One exchange.</summary>
/// <param name="Questions">Ways to ask.</param>
/// <param name="Call">The tool that is called first, or null.</param>
/// <param name="Result">What it gives back; null where nothing is called.</param>
/// <param name="Answers">Answers.</param>
public sealed record Turn(IReadOnlyList<Phrase> Questions, CallPhrase? Call, Phrase? Result, IReadOnlyList<Phrase> Answers)
{
    /// <summary>Whether the answer is the same whatever stands in the question's slots.</summary>
    public bool IsFixed { get; } = Call is null && !Answers.SelectMany(answer => answer.Slots).Any(slot => slot.Table != About.TableName);
}

/// <summary>A tool's call with slots.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Arguments">A JSON object.</param>
public sealed record CallPhrase(string Tool, Phrase Arguments);

/// <summary>A conversation to learn from.</summary>
/// <param name="Language">Of all its questions.</param>
/// <param name="Topic">The topic that it begins with.</param>
/// <param name="System">What stands before it, or null.</param>
/// <param name="Tools">The tools that it offers.</param>
/// <param name="Messages">Questions, calls, results and answers.</param>
public sealed record Dialogue(
    string Language, string Topic, string? System, IReadOnlyList<string> Tools, IReadOnlyList<DialogueMessage> Messages)
{
    /// <summary>Whether only the opening of its answer is learnt, by which the answer is chosen.</summary>
    public bool IsOpening { get; init; }
}

/// <summary>One message.</summary>
/// <param name="Role">Who says it.</param>
/// <param name="Text">What; empty beside a call.</param>
/// <param name="Call">The tool that the assistant calls, or null.</param>
public sealed record DialogueMessage(DialogueRole Role, string Text, ToolCall? Call = null)
{
    /// <summary>What an answer may be marked with, where its topic always has the same; else null.</summary>
    public string? Mark { get; init; }
}

/// <summary>A tool's call.</summary>
/// <param name="Name">The tool.</param>
/// <param name="ArgumentsJson">A JSON object.</param>
public sealed record ToolCall(string Name, string ArgumentsJson);

/// <summary>Who says a message.</summary>
public enum DialogueRole
{
    /// <summary>Instructions.</summary>
    System,

    /// <summary>The person.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,

    /// <summary>A tool, with its result.</summary>
    Tool,
}
