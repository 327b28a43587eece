namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>
/// DeepSeek V3's main pattern: <c>[!-/:-@\[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|
/// \s*[\r\n]+|\s+(?!\S)|\s+</c>; numbers and control characters stay between its matches.
/// </summary>
internal sealed class DeepSeekSplitter : MatchSplitter
{
    private const CharClass Word = CharClass.Letter | CharClass.Mark;
    private const CharClass Signs = CharClass.Punctuation | CharClass.Symbol;

    /// <inheritdoc/>
    protected override int Match(ReadOnlySpan<char> text, int at)
    {
        char first = text[at];
        if (at + 1 < text.Length && char.IsAsciiLetter(text[at + 1]) &&
            (char.IsAsciiLetterOrDigit(first), first) is (false, > ' ' and < '\x7F'))
        {
            int end = at + 1;
            while (end < text.Length && char.IsAsciiLetter(text[end]))
                end++;
            return end - at;
        }
        var kind = CharClasses.At(text, at, out int units);
        if ((kind & Word) != 0)
            return CharClasses.EndOfRun(text, at, Word) - at;
        int after = at + units;
        if (first is not ('\r' or '\n') && (kind & Signs) == 0 && (CharClasses.At(text, after, out _) & Word) != 0)
            return CharClasses.EndOfRun(text, after, Word) - at;
        int signs = first == ' ' ? after : at;
        if ((CharClasses.At(text, signs, out _) & Signs) != 0)
            return PunctuationTail.NewLines.End(text, CharClasses.EndOfRun(text, signs, Signs)) - at;
        if ((kind & CharClass.White) == 0)
            return -units;
        int white = CharClasses.EndOfRun(text, at, CharClass.White);
        int newLines = NewLines(text, at, white);
        return (newLines > at ? newLines : WhiteSpace(text, at)) - at;
    }
}
