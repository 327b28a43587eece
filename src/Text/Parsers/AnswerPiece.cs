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

    /// <summary>A call of a tool: whole, or its beginning.</summary>
    /// <param name="Name">The tool.</param>
    /// <param name="Arguments">JSON; of a call that is not whole, nothing or a first piece.</param>
    public sealed record Call(string Name, string Arguments) : AnswerPiece
    {
        /// <summary>The id that the model gave the call; null where it gives none.</summary>
        public string? Id { get; init; }

        /// <summary>Whether nothing follows, neither of the call nor of a list that it stands in.</summary>
        public bool IsWhole { get; init; } = true;
    }

    /// <summary>The next piece of the arguments of the latest call.</summary>
    /// <param name="Arguments">As the model writes them; possibly nothing.</param>
    /// <param name="IsLast">Whether the call, and a list that it stands in, has been read to its end; it never is where the answer was cut.</param>
    public sealed record More(string Arguments, bool IsLast = false) : AnswerPiece;
}
