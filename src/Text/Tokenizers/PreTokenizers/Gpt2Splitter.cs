namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>
/// GPT-2's pattern: <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.
/// </summary>
internal sealed class Gpt2Splitter : Splitter
{
    /// <inheritdoc/>
    public override int Next(ReadOnlySpan<char> text, int start)
    {
        int contraction = Contraction(text, start, anyCase: false);
        if (contraction > 0)
            return start + contraction;
        int at = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        var kind = CharClasses.At(text, at, out _);
        if ((kind & CharClass.Letter) != 0)
            return CharClasses.EndOfRun(text, at, CharClass.Letter);
        if ((kind & CharClass.Number) != 0)
            return CharClasses.EndOfRun(text, at, CharClass.Number);
        return (kind & CharClass.White) == 0
            ? CharClasses.EndOfRunWithout(text, at, CharClass.White | CharClass.Letter | CharClass.Number)
            : WhiteSpace(text, start);
    }
}
