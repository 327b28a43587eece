using Causerie.Text.Grammars.ContextFree;

namespace Causerie.Text.Grammars.Gbnf;

/// <summary>Grammars as llama.cpp writes them, in GBNF; tokens by number are refused by name.</summary>
internal sealed class GbnfFormat : GrammarFormat
{
    /// <inheritdoc/>
    public override string Name => "gbnf";

    /// <inheritdoc/>
    protected override Grammar Read(string source) => new ContextFreeGrammar(GbnfParser.Parse(source));
}
