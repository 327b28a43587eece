namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>Runs of a class or set, at most so many in a piece: <c>\p{N}{1,3}</c>, <c>\s?\p{L}+</c> …</summary>
internal sealed class RunSplitter : MatchSplitter
{
    private readonly CharClass _class;
    private readonly CodePointSet? _set;

    /// <summary>Runs of characters that are of the class or in the set.</summary>
    public RunSplitter(CharClass kind, CodePointSet? set = null) => (_class, _set) = (kind, set);

    /// <summary>Runs of characters in the set.</summary>
    public RunSplitter(CodePointSet set) => _set = set;

    /// <summary>Runs of characters in the set of <paramref name="ranges"/>.</summary>
    public RunSplitter(string ranges) => _set = new CodePointSet(ranges);

    /// <summary>Most characters in a piece.</summary>
    public int Most { get; init; } = int.MaxValue;

    /// <summary>Whether the characters outside the class or set are the ones meant.</summary>
    public bool Negated { get; init; }

    /// <summary>White space of which one may go in front; null for none.</summary>
    public Func<char, bool>? Prefix { get; init; }

    /// <inheritdoc/>
    protected override int Match(ReadOnlySpan<char> text, int at)
    {
        int end = at;
        if (Prefix?.Invoke(text[at]) == true && Units(text, at + 1) > 0)
        {
            end = at + 1;
        }
        else if (Units(text, at) == 0)
        {
            CharClasses.At(text, at, out int skipped);
            return -skipped;
        }
        for (int count = 0; count < Most && Units(text, end) is var units and > 0; count++)
            end += units;
        return end - at;
    }

    // Units that a character of the run takes at this place, 0 where there is none.
    private int Units(ReadOnlySpan<char> text, int at)
    {
        bool member = (CharClasses.At(text, at, out int units) & _class) != 0 ||
            (_set is not null && _set.Contains(text, at, out _));
        return member != Negated ? units : 0;
    }
}
