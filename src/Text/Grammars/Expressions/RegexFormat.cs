namespace Causerie.Text.Grammars.Expressions;

/// <summary>Grammars that are regular expressions: the whole answer must match.</summary>
internal sealed class RegexFormat : GrammarFormat
{
    /// <inheritdoc/>
    public override string Name => "regex";

    /// <inheritdoc/>
    protected override Grammar Read(string source) =>
        new LanguageGrammar(Language.Of(ExpressionParser.Parse(source), whole: true));
}
