namespace Causerie.Text.Grammars.Masks;

/// <summary>How a text's rules go on over a tree of code points: a structure for each way to keep them, so that the walk is compiled for it.</summary>
/// <typeparam name="T">Where the rules stand.</typeparam>
internal interface ITextStates<T>
{
    /// <summary>Takes a code point.</summary>
    /// <param name="state">Before it.</param>
    /// <param name="symbol">Which of the tree's code points.</param>
    /// <param name="depth">Code points with it.</param>
    /// <param name="next">After it.</param>
    bool Step(T state, int symbol, int depth, out T next);

    /// <summary>Whether a code point may follow that is one from <paramref name="low"/> to <paramref name="high"/>.</summary>
    bool GoesOn(T state, int depth, int low, int high);

    /// <summary>Whether the text may end.</summary>
    bool CanEnd(T state, int depth);

    /// <summary>Whether it is known that all that is below a node may come.</summary>
    bool TakesAllBelow(T state, int node);
}
