using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Masks;

/// <summary>Several rules of which one must hold.</summary>
/// <param name="trie">The tree that is walked.</param>
/// <param name="steps">The rules' automata on that tree; none for free text.</param>
internal readonly struct CursorStates(PointTrie trie, LanguageSteps[] steps) : ITextStates<TextCursor>
{
    /// <inheritdoc/>
    public bool Step(TextCursor state, int symbol, int depth, out TextCursor next)
    {
        var after = state.After(trie.Points[symbol]);
        next = after ?? state;
        return after is not null;
    }

    /// <inheritdoc/>
    public bool GoesOn(TextCursor state, int depth, int low, int high) => state.GoesOn(low, high);

    /// <inheritdoc/>
    public bool CanEnd(TextCursor state, int depth) => state.CanEnd;

    /// <inheritdoc/>
    public bool TakesAllBelow(TextCursor state, int node)
    {
        if (trie.Kinds[node] == PlainText.Kinds.Count)
            return false;
        if (state.IsFree)
            return true;
        for (int i = 0; i < steps.Length; i++)
        {
            if (state.Place(i) is var (_, at, least, most) && LanguageStates.TakesAllBelow(trie, steps[i], at, node, least, most))
                return true;
        }
        return false;
    }
}
