namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>
/// The pattern that began with o200k and that splits words where lower case turns to upper case. With
/// U = <c>[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]</c>, W = <c>[\p{Ll}\p{Lm}\p{Lo}\p{M}]</c> and
/// C = <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)?</c>:
/// <c>[^\r\n\p{L}\p{N}]?U*W+C|[^\r\n\p{L}\p{N}]?U+W*C|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|</c>
/// <c>\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// </summary>
/// <remarks>
/// llama.cpp rewrites U and W for an engine without these categories, which moves borders beside combining marks and
/// beside capitals outside ASCII. This scanner keeps to the models' own pattern.
/// </remarks>
internal sealed class O200kSplitter : Splitter
{
    private const CharClass Word = CharClass.Letter | CharClass.Mark;
    private const CharClass Others = CharClass.White | CharClass.Letter | CharClass.Number;

    /// <summary>Most numbers in a piece.</summary>
    public int Digits { get; init; } = 3;

    /// <summary>Whether a contraction stays with its word.</summary>
    public bool Contractions { get; init; } = true;

    /// <summary>Whether Chinese characters are runs of their own before anything else, and no part of words.</summary>
    public bool HanApart { get; init; }

    /// <summary>What may follow punctuation in its piece.</summary>
    public PunctuationTail Tail { get; init; } = PunctuationTail.NewLinesAndSlashes;

    /// <inheritdoc/>
    public override int Next(ReadOnlySpan<char> text, int start)
    {
        if (HanApart && CodePointSet.Han.EndOfRun(text, start) is var han && han > start)
            return han;
        var kind = CharClasses.At(text, start, out int units);
        bool leads = (kind & (CharClass.Letter | CharClass.Number)) == 0 && text[start] is not ('\r' or '\n');
        if (leads || (kind & Word) != 0)
        {
            int first = start + units;
            bool whole = false;
            int led = leads ? EndOfWord(text, first, out whole) : first;
            if (whole)
                return led;
            int word = EndOfWord(text, start, out whole);
            if (whole || led == first)
            {
                if (word > start)
                    return word;
            }
            else
            {
                return led;
            }
        }
        if ((kind & CharClass.Number) != 0)
            return Cl100kSplitter.Numbers(text, start, Digits);
        int at = text[start] == ' ' ? start + 1 : start;
        if (at < text.Length && (CharClasses.At(text, at, out _) & Others) == 0)
            return Tail.End(text, CharClasses.EndOfRunWithout(text, at, Others));
        int end = CharClasses.EndOfRun(text, start, CharClass.White);
        if (end == start)
            return start + units;
        int newLines = NewLines(text, start, end);
        return newLines > start ? newLines : WhiteSpace(text, start);
    }

    // End of U*W+C (whole), or of U+W*C where that fails, or `at` where both do. The greedy U* gives back until a W
    // follows: so the last W among its own characters decides where W+ begins, unless lower case follows at once.
    private int EndOfWord(ReadOnlySpan<char> text, int at, out bool whole)
    {
        int end = at;
        int lastShared = at; // end of the last character that is both U and W
        CharClass kind;
        int units;
        while (IsUpperSide(kind = CharClasses.At(text, end, out units)) && !IsApart(text, end))
        {
            end += units;
            if ((kind & CharClass.Upper) == 0)
                lastShared = end;
        }
        whole = true;
        if ((kind & CharClass.Lower) != 0)
        {
            while (IsLowerSide(CharClasses.At(text, end, out units)) && !IsApart(text, end))
                end += units;
        }
        else if (lastShared > at)
        {
            end = lastShared;
        }
        else
        {
            whole = false;
        }
        return end > at && Contractions ? end + Contraction(text, end, anyCase: true) : end;
    }

    private bool IsApart(ReadOnlySpan<char> text, int at) => HanApart && CodePointSet.Han.Contains(text, at, out _);

    private static bool IsUpperSide(CharClass kind) => (kind & Word) != 0 && (kind & CharClass.Lower) == 0;

    private static bool IsLowerSide(CharClass kind) => (kind & Word) != 0 && (kind & CharClass.Upper) == 0;
}
