namespace Causerie.Text.Parsers.Calls;

/// <summary>A call that was begun, or a list of them: its arguments are told while they are written.</summary>
internal abstract class OpenCall
{
    /// <summary>Whether it was read to its end.</summary>
    public bool IsRead { get; protected set; }

    /// <summary>Reads on.</summary>
    /// <param name="text">The answer from where the last reading ended.</param>
    /// <param name="last">Whether nothing more comes; then it is read to its end, or the text is.</param>
    /// <param name="into">Gets pieces of arguments, and further calls of a list.</param>
    /// <returns>Characters read.</returns>
    public abstract int Read(string text, bool last, List<AnswerPiece> into);
}
