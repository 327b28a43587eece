namespace Causerie.Text.Grammars;

/// <summary>A set of texts, byte by byte: what a model's answer is held to. Safe to use from one thread at a time.</summary>
public abstract class Grammar
{
    /// <summary>Before the first byte.</summary>
    public abstract GrammarState Start { get; }

    /// <summary>What may follow a beginning of its texts; null where none begins so.</summary>
    public Grammar? After(ReadOnlySpan<byte> beginning)
    {
        GrammarState? state = Start;
        foreach (byte next in beginning)
            state = state?.Step(next);
        return state is null ? null : new Rest(state);
    }

    private sealed class Rest(GrammarState start) : Grammar
    {
        public override GrammarState Start => start;
    }
}

/// <summary>A place in a grammar's texts; it never changes.</summary>
public abstract class GrammarState
{
    /// <summary>Whether the text may end here.</summary>
    public abstract bool CanEnd { get; }

    /// <summary>States of which this one is the union; itself where it is only one.</summary>
    internal virtual IReadOnlyList<GrammarState> Parts => [this];

    /// <summary>What it is inside a JSON string, or null where masks have no shorter way.</summary>
    internal virtual Masks.TextPlace? InText => null;

    /// <summary>In how many ways it reads what was written, each of which a step looks at.</summary>
    internal virtual int Ways => 1;

    /// <summary>Equal for states that have the same mask, where it is worth keeping; null where it is not.</summary>
    internal virtual object? MaskKey => null;

    /// <summary>Whether it is known that any digits may come, so many or fewer; "no" says nothing.</summary>
    internal virtual bool TakesDigits(int count) => false;

    /// <summary>The state after a byte, or null where no text of the grammar goes on so.</summary>
    public abstract GrammarState? Step(byte next);
}
