namespace Causerie.Text.Grammars.Expressions;

/// <summary>The texts of a regular language, in UTF-8.</summary>
public sealed class LanguageGrammar : Grammar
{
    private readonly Language _language;

    /// <summary>A grammar of a language.</summary>
    /// <exception cref="GrammarException">The language has no text.</exception>
    public LanguageGrammar(Language language)
    {
        ArgumentNullException.ThrowIfNull(language);
        if (language.IsEmpty)
            throw new GrammarException("the expression matches no text.");
        _language = language;
    }

    /// <summary>Those of its texts that do not hold another text.</summary>
    /// <exception cref="GrammarException">There are none, or it needs too many states.</exception>
    public LanguageGrammar Without(string text) =>
        new(_language.Intersect(Language.Of(Expression.Literal(text), whole: false).Complement()));

    /// <inheritdoc/>
    public override GrammarState Start => new State(_language, 0, Utf8Decoder.Between);

    private sealed class State(Language language, int at, Utf8Decoder decoder) : GrammarState
    {
        public override bool CanEnd => decoder == Utf8Decoder.Between && language.Accepts(at);

        public override GrammarState? Step(byte next)
        {
            if (decoder.Step(next, out int low, out int high) is not { } after)
                return null;
            if (after != Utf8Decoder.Between)
                return language.GoesOn(at, low, high) ? new State(language, at, after) : null;
            int then = language.Step(at, low);
            return then == Language.Dead ? null : then == at && decoder == after ? this : new State(language, then, after);
        }
    }
}
