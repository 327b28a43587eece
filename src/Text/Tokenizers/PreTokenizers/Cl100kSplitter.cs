namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>
/// The pattern that began with cl100k and that Llama 3 and Qwen vary:
/// <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|</c>
/// <c>\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// </summary>
internal sealed class Cl100kSplitter : Splitter
{
    /// <summary>Most numbers in a piece.</summary>
    public int Digits { get; init; } = 3;

    /// <summary>Whether marks go with letters (<c>[\p{L}\p{M}]</c>).</summary>
    public bool MarksAreLetters { get; init; }

    /// <summary>Whether a word may hold single spaces: <c>(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+</c>.</summary>
    public bool Phrases { get; init; }

    /// <summary>What may follow punctuation in its piece.</summary>
    public PunctuationTail Tail { get; init; } = PunctuationTail.NewLines;

    /// <summary>Whether white space comes in blocks of 512, 256 … 4, 2, 1.</summary>
    public bool WhiteSpaceInBlocks { get; init; }

    /// <inheritdoc/>
    public override int Next(ReadOnlySpan<char> text, int start)
    {
        int contraction = Contraction(text, start, anyCase: true);
        if (contraction > 0)
            return start + contraction;
        var letters = MarksAreLetters ? CharClass.Letter | CharClass.Mark : CharClass.Letter;
        var kind = CharClasses.At(text, start, out int units);
        if ((kind & letters) != 0)
            return Word(text, start, letters);
        if ((kind & CharClass.Number) != 0)
            return Numbers(text, start, Digits);
        int after = start + units;
        char first = text[start];
        if (first is not ('\r' or '\n') && (CharClasses.At(text, after, out _) & letters) != 0)
            return Word(text, after, letters);
        var others = CharClass.White | CharClass.Number | letters;
        if ((kind & others) == 0)
            return Tail.End(text, CharClasses.EndOfRunWithout(text, start, others));
        if (first == ' ' && after < text.Length && (CharClasses.At(text, after, out _) & others) == 0)
            return Tail.End(text, CharClasses.EndOfRunWithout(text, after, others));
        return White(text, start);
    }

    /// <summary>End of <c>\p{N}{1,most}</c> at <paramref name="start"/>.</summary>
    internal static int Numbers(ReadOnlySpan<char> text, int start, int most)
    {
        int at = start;
        for (int count = 0; count < most && (CharClasses.At(text, at, out int units) & CharClass.Number) != 0; count++)
            at += units;
        return at;
    }

    private int Word(ReadOnlySpan<char> text, int at, CharClass letters)
    {
        if (!Phrases)
            return CharClasses.EndOfRun(text, at, letters);
        do
        {
            at = CharClasses.EndOfRun(text, at, CharClass.Letter);
            at = CharClasses.EndOfRun(text, at, CharClass.Mark);
            if (at + 1 < text.Length && text[at] == ' ' &&
                (CharClasses.At(text, at + 1, out _) & CharClass.Letter) != 0)
                at++;
        }
        while ((CharClasses.At(text, at, out _) & CharClass.Letter) != 0);
        return at;
    }

    private int White(ReadOnlySpan<char> text, int start)
    {
        // In the middle of a run a newline ahead would have been taken with what came before.
        if (WhiteSpaceInBlocks && start > 0 && text[start - 1] is not ('\r' or '\n') &&
            (CharClasses.Of(text[start - 1]) & CharClass.White) != 0)
            return Block(text, start);
        int end = CharClasses.EndOfRun(text, start, CharClass.White);
        int newLines = NewLines(text, start, end);
        if (newLines > start)
            return newLines;
        if (WhiteSpaceInBlocks)
            return Block(text, start);
        return end < text.Length && end - start > 1 ? end - 1 : end;
    }

    private static int Block(ReadOnlySpan<char> text, int start)
    {
        const int Longest = 512;
        int seen = 0; // stops one beyond the longest block, which is all that (?!\S) asks
        while (seen <= Longest && start + seen < text.Length &&
            (CharClasses.Of(text[start + seen]) & CharClass.White) != 0)
            seen++;
        bool last = start + seen == text.Length;
        for (int block = Longest; block >= 4; block /= 2)
            if (seen > block || (seen == block && last))
                return start + block;
        return start + (seen > 2 || (seen == 2 && last) ? 2 : 1);
    }
}
