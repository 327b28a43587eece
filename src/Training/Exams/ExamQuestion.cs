using Causerie.Training.Corpus;

namespace Causerie.Training.Exams;

/// <summary>A question that training has not seen, and the rules by which its answer is marked.</summary>
public sealed record ExamQuestion
{
    /// <summary>The folder that it stands in, such as <c>fr</c>.</summary>
    public required string Language { get; init; }

    /// <summary>What it examines.</summary>
    public required ExamKind Kind { get; init; }

    /// <summary>What it is about.</summary>
    public required string Topic { get; init; }

    /// <summary>The question.</summary>
    public required string Question { get; init; }

    /// <summary>What stands before it, or null.</summary>
    public string? System { get; init; }

    /// <summary>The tools that are offered.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>One of each list must be in the answer.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Needs { get; init; } = [];

    /// <summary>None of these may be in it.</summary>
    public IReadOnlyList<string> Never { get; init; } = [];

    /// <summary>The call that the answer must be, or null.</summary>
    public ToolCall? Call { get; init; }

    /// <summary>The JSON that the answer must be, or null.</summary>
    public string? Json { get; init; }

    /// <summary>File and line, for messages.</summary>
    public required string Place { get; init; }
}

/// <summary>What a question examines.</summary>
public enum ExamKind
{
    /// <summary>Help with Causerie.</summary>
    Product,

    /// <summary>A simple skill.</summary>
    Skill,

    /// <summary>Arithmetic with a calculator at hand.</summary>
    Tool,

    /// <summary>JSON of a given shape.</summary>
    Json,

    /// <summary>What is beyond the model, which must say so.</summary>
    Beyond,
}
