namespace Causerie.Text.Grammars.Schemas;

/// <summary>Grammars that are JSON Schemas.</summary>
internal sealed class SchemaFormat : GrammarFormat
{
    /// <inheritdoc/>
    public override string Name => "json_schema";

    /// <inheritdoc/>
    protected override Grammar Read(string source) => JsonGrammar.OfSchema(source, new SchemaOptions { PlainIntegers = true });
}
