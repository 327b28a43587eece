namespace Causerie.Text.Grammars.Lark;

/// <summary>Grammars in the notation of Lark, a parser for Python, as far as OpenAI's custom tools take it.</summary>
internal sealed class LarkFormat : GrammarFormat
{
    /// <inheritdoc/>
    public override string Name => "lark";

    /// <inheritdoc/>
    protected override Grammar Read(string source) => LarkCompiler.Compile(LarkParser.Parse(source));
}
