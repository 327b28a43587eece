using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Masks;

/// <summary>Several rules of which one must hold.</summary>
internal readonly struct CursorStates(PointTrie trie) : ITextStates<TextCursor>
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
    public bool TakesAllBelow(TextCursor state, int node) => state.IsFree && trie.Kinds[node] < PlainText.Kinds.Count;
}
