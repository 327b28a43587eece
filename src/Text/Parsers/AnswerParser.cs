namespace Causerie.Text.Parsers;

/// <summary>Takes a model's answer apart while it streams: thinking, content and calls of tools.</summary>
/// <remarks>Wherever the text is cut into pieces, what comes out is the same, added up.</remarks>
public abstract class AnswerParser
{
    /// <summary>Whether the model is thinking at this moment.</summary>
    public abstract bool IsThinking { get; }

    /// <summary>Takes the next piece of the answer, with the spellings of control tokens.</summary>
    /// <param name="text">The piece.</param>
    /// <param name="into">Gets what is known now.</param>
    public abstract void Push(string text, List<AnswerPiece> into);

    /// <summary>The answer is over: what was held back.</summary>
    public abstract void Finish(List<AnswerPiece> into);
}
