namespace Causerie.Text.Grammars.Combined;

/// <summary>Any text that does not hold a marker.</summary>
/// <param name="marker">It, with control tokens framed.</param>
public sealed class WithoutGrammar(byte[] marker) : Grammar
{
    /// <inheritdoc/>
    public override GrammarState Start { get; } = new State(new UntilGrammar(marker).Start);

    private sealed class State(GrammarState before) : GrammarState
    {
        public override bool CanEnd => true;

        internal override object? MaskKey => (typeof(WithoutGrammar), before.MaskKey);

        public override GrammarState? Step(byte next)
        {
            var after = before.Step(next);
            return ReferenceEquals(after, before) ? this : after is null || after.CanEnd ? null : new State(after);
        }
    }
}
