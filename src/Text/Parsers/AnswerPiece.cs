namespace Causerie.Text.Parsers;

/// <summary>A part of what a model wrote, once it is known what it is: a closed union.</summary>
public abstract record AnswerPiece
{
    private protected AnswerPiece()
    {
    }

    /// <summary>What it thinks before it answers.</summary>
    public sealed record Thinking(string Text) : AnswerPiece;

    /// <summary>The answer.</summary>
    /// <param name="Begin">Where it begins in all that was pushed, white space that was dropped included.</param>
    /// <param name="End">Where it ends there.</param>
    public sealed record Content(string Text, int Begin, int End) : AnswerPiece;

    /// <summary>A call of a tool, whole.</summary>
    /// <param name="Name">The tool.</param>
    /// <param name="Arguments">JSON.</param>
    public sealed record Call(string Name, string Arguments) : AnswerPiece
    {
        /// <summary>The id that the model gave the call; null where it gives none.</summary>
        public string? Id { get; init; }
    }
}
