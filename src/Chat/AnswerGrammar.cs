namespace Causerie.Chat;

/// <summary>A set of texts that an answer is held to, token by token; it never leaves it.</summary>
/// <param name="Kind">The notation: <c>json_schema</c>, <c>regex</c>, <c>gbnf</c>, <c>lark</c> or <c>choice</c>.</param>
/// <param name="Source">The grammar in that notation.</param>
public sealed record AnswerGrammar(string Kind, string Source)
{
    /// <summary>Any JSON object.</summary>
    public static AnswerGrammar JsonObject { get; } = OfSchema("""{"type":"object"}""");

    /// <summary>The JSON texts of the values that a schema allows.</summary>
    /// <param name="schema">A JSON Schema, as JSON.</param>
    public static AnswerGrammar OfSchema(string schema) => new("json_schema", schema);
}
