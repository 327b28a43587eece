namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>
/// One pattern of a pre-tokenizer as a scanner that never looks back, so that the cost stays linear where a
/// regular expression would try again; what the pattern leaves unmatched is a piece of its own.
/// </summary>
internal abstract class Splitter
{
    /// <summary>Where the piece that begins at <paramref name="start"/> ends: always beyond it.</summary>
    /// <param name="text">The whole fragment: look-ahead sees its end as the end of the text.</param>
    /// <param name="start">Where the piece before ended.</param>
    public abstract int Next(ReadOnlySpan<char> text, int start);

    /// <summary>Length of the contraction ('s, 't, 're, 've, 'm, 'll, 'd) at <paramref name="at"/>, or 0.</summary>
    protected static int Contraction(ReadOnlySpan<char> text, int at, bool anyCase)
    {
        if (at + 1 >= text.Length || text[at] != '\'')
            return 0;
        char first = Fold(text[at + 1], anyCase);
        if (first is 's' or 't' or 'm' or 'd')
            return 2;
        if (at + 2 >= text.Length)
            return 0;
        char second = Fold(text[at + 2], anyCase);
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    /// <summary>End of <c>\s+(?!\S)|\s+</c> at <paramref name="start"/>, where white space is known to be.</summary>
    protected static int WhiteSpace(ReadOnlySpan<char> text, int start)
    {
        int end = CharClasses.EndOfRun(text, start, CharClass.White);
        return end < text.Length && end - start > 1 ? end - 1 : end;
    }

    /// <summary>End of <c>\s*[\r\n]+</c> at <paramref name="start"/>; the same place without a match.</summary>
    protected static int NewLines(ReadOnlySpan<char> text, int start, int endOfWhite) =>
        start + text[start..endOfWhite].LastIndexOfAny('\r', '\n') + 1;

    private static char Fold(char unit, bool anyCase) =>
        anyCase && char.IsAsciiLetterUpper(unit) ? (char)(unit | 32) : unit;
}
