namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>Runs of the first set that has the character, of several: <c>[가-힣]+|[ㄅ-ㄯ]+</c>.</summary>
internal sealed class AlternativeRuns(params CodePointSet[] sets) : MatchSplitter
{
    /// <inheritdoc/>
    protected override int Match(ReadOnlySpan<char> text, int at)
    {
        foreach (var set in sets)
            if (set.EndOfRun(text, at) is var end && end > at)
                return end - at;
        CharClasses.At(text, at, out int units);
        return -units;
    }
}
