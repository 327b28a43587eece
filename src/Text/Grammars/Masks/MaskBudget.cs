namespace Causerie.Text.Grammars.Masks;

/// <summary>How much work one mask may be: whoever asks for more would keep everybody else waiting.</summary>
internal sealed class MaskBudget
{
    private long _left = 20_000_000; // steps of one way each, about a second

    /// <summary>Counts a step of a state.</summary>
    /// <exception cref="GrammarException">The mask is too much work.</exception>
    public void Step(GrammarState state)
    {
        if ((_left -= state.Ways) < 0)
            throw new GrammarException("the grammar leaves too many ways open at once to work out what may come next.");
    }
}
