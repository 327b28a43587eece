namespace Causerie.Text.Grammars.Combined;

/// <summary>One text, byte by byte.</summary>
public sealed class LiteralGrammar : Grammar
{
    private readonly byte[] _bytes;

    /// <summary>A grammar of one text.</summary>
    /// <param name="bytes">It, with control tokens framed; at least one byte.</param>
    public LiteralGrammar(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentOutOfRangeException.ThrowIfZero(bytes.Length, nameof(bytes));
        _bytes = bytes;
    }

    /// <inheritdoc/>
    public override GrammarState Start => new State(_bytes, 0);

    private sealed class State(byte[] bytes, int at) : GrammarState
    {
        public override bool CanEnd => at == bytes.Length;

        public override GrammarState? Step(byte next) =>
            at < bytes.Length && bytes[at] == next ? new State(bytes, at + 1) : null;
    }
}
