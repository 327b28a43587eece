namespace Causerie.Text.Parsers.Calls;

/// <summary>A <see cref="NamedCalls"/> whose arguments are being written.</summary>
internal sealed class OpenNamedCall(NamedCalls syntax) : OpenCall
{
    private readonly OpenJson _arguments = new(syntax.Closer);

    /// <inheritdoc/>
    public override int Read(string text, bool last, List<AnswerPiece> into)
    {
        int at = 0;
        if (!_arguments.HasEnded)
        {
            at = _arguments.Read(text, last);
            if (at > 0)
                into.Add(new AnswerPiece.More(text[..at]));
            if (!_arguments.HasEnded)
                return at;
        }
        int end = syntax.Close(text, at, last);
        if (end < 0)
            return at;
        into.Add(new AnswerPiece.More("", IsLast: true));
        IsRead = true;
        return end;
    }
}
