using Causerie.Text.Grammars.Expressions;

namespace Causerie.Text.Grammars.Masks;

/// <summary>One automaton, and how many code points a text still needs and may have.</summary>
internal readonly struct LanguageStates : ITextStates<int>
{
    private readonly PointTrie _trie;
    private readonly LanguageSteps _steps;
    private readonly Language _language;
    private readonly int _least;
    private readonly int _most;

    /// <summary>Of an automaton.</summary>
    /// <param name="trie">The tree that is walked.</param>
    /// <param name="steps">The automaton on that tree.</param>
    /// <param name="least">Code points that must come before the quote.</param>
    /// <param name="most">Code points that may; int.MaxValue for any number.</param>
    public LanguageStates(PointTrie trie, LanguageSteps steps, int least, int most) =>
        (_trie, _steps, _language, _least, _most) = (trie, steps, steps.Language, least, most);

    private bool IsBounded => _least > 0 || _most < int.MaxValue;

    /// <summary>A bound that no token of a vocabulary comes near is none.</summary>
    public static int Nearby(int most, Language language, PointTrie trie) =>
        most - trie.Depth > language.FarthestFromEnd ? int.MaxValue : most;

    /// <inheritdoc/>
    public bool Step(int state, int symbol, int depth, out int next)
    {
        next = _steps.Step(state, symbol);
        return next != Language.Dead
            && (!IsBounded || (depth <= _most && _language.CanEndWithin(next, Math.Max(0, _least - depth), Left(depth))));
    }

    /// <inheritdoc/>
    public bool GoesOn(int state, int depth, int low, int high) => depth < _most && _language.GoesOn(state, low, high);

    /// <inheritdoc/>
    public bool CanEnd(int state, int depth) => depth >= _least && depth <= _most && _language.Accepts(state);

    /// <inheritdoc/>
    public bool TakesAllBelow(int state, int node)
    {
        int depth = _trie.Depths[node];
        return TakesAllBelow(_trie, _steps, state, node, Math.Max(0, _least - depth), Left(depth));
    }

    /// <summary>Whether it is known that an automaton takes all that is below a node, where so many code points are still needed and may come.</summary>
    public static bool TakesAllBelow(PointTrie trie, LanguageSteps steps, int state, int node, int least, int most)
    {
        int height = trie.Heights[node];
        return steps.Reach(state, trie.Kinds[node]) >= height
            && least == 0 && (most == int.MaxValue || most - height > steps.Language.FarthestFromEnd);
    }

    private int Left(int depth) => _most == int.MaxValue ? _most : _most - depth;
}
