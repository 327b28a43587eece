namespace Causerie.Text.Grammars;

/// <summary>A set of texts, byte by byte: what a model's answer is held to. Safe to use from one thread at a time.</summary>
public abstract class Grammar
{
    /// <summary>Before the first byte.</summary>
    public abstract GrammarState Start { get; }
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

    /// <summary>The state after a byte, or null where no text of the grammar goes on so.</summary>
    public abstract GrammarState? Step(byte next);
}
