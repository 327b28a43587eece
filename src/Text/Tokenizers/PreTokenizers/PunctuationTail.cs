namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>What a pattern lets follow a run of punctuation in the same piece.</summary>
internal enum PunctuationTail
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary><c>[\r\n]*</c>.</summary>
    NewLines,

    /// <summary><c>[\r\n/]*</c>.</summary>
    NewLinesAndSlashes,

    /// <summary><c>[\r\n/]?</c>.</summary>
    OneNewLineOrSlash,
}

/// <summary>Scans a <see cref="PunctuationTail"/>.</summary>
internal static class PunctuationTails
{
    /// <summary>Where the tail that begins at <paramref name="at"/> ends.</summary>
    public static int End(this PunctuationTail tail, ReadOnlySpan<char> text, int at)
    {
        if (tail == PunctuationTail.None)
            return at;
        bool slash = tail != PunctuationTail.NewLines;
        while (at < text.Length && (text[at] is '\r' or '\n' || (slash && text[at] == '/')))
        {
            at++;
            if (tail == PunctuationTail.OneNewLineOrSlash)
                break;
        }
        return at;
    }
}
