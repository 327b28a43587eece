using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causerie.Text.Grammars.Schemas;

/// <summary>Keywords about the items of arrays.</summary>
internal sealed partial class SchemaReader
{
    private IEnumerable<Part> Arrays(JsonObject schema)
    {
        if (ItemsOf(schema) is { } items)
            yield return items;
        if (schema.TryGetPropertyValue("minItems", out var least))
            yield return Counted(JsonKinds.Array, Whole(least, "minItems"), int.MaxValue);
        if (schema.TryGetPropertyValue("maxItems", out var most))
            yield return Counted(JsonKinds.Array, 0, Whole(most, "maxItems"));
        if (schema.TryGetPropertyValue("uniqueItems", out var unique) && unique is JsonValue flag && flag.GetValueKind() == JsonValueKind.True)
        {
            yield return new Part(
                () => ClaimArray(new Assertion.Unique()),
                () => throw new GrammarException("the opposite of 'uniqueItems' cannot be enforced."));
        }
        if (schema.TryGetPropertyValue("contains", out var contains))
            yield return ContainsOf(schema, contains);
    }

    private Part ContainsOf(JsonObject schema, JsonNode? contains)
    {
        var (from, to) = ContainsBounds(schema);
        return new Part(
            () => from > to ? Formula.Any([new Formula.Kinds(JsonKinds.All & ~JsonKinds.Array)]) : ClaimArray(Held(from, to)),
            () => Formula.All([new Formula.Kinds(JsonKinds.Array), Formula.Any([
                from > 0 ? ClaimArray(Held(0, from - 1)) : Formula.False,
                to < int.MaxValue ? ClaimArray(Held(to + 1, int.MaxValue)) : Formula.False])]));

        Assertion Held(int least, int most) => new Assertion.Contains(
            Ref(contains, true), most < int.MaxValue ? Ref(contains, false) : SchemaRef.Anything, 0, least, most);
    }

    private static (int From, int To) ContainsBounds(JsonObject schema) => (
        schema.TryGetPropertyValue("minContains", out var least) ? Whole(least, "minContains") : 1,
        schema.TryGetPropertyValue("maxContains", out var most) ? Whole(most, "maxContains") : int.MaxValue);

    private Part? ItemsOf(JsonObject schema)
    {
        var (first, others) = ItemSchemas(schema);
        if (first.Count == 0 && others is null)
            return null;
        return new Part(
            () => ClaimArray(new Assertion.Items([.. first.Select(one => Ref(one, true))], others is null ? SchemaRef.Anything : Ref(others, true))),
            () => Formula.All([new Formula.Kinds(JsonKinds.Array), Formula.Any([
                .. first.Select((one, i) => Formula.All([
                    ClaimArray(new Assertion.Count(i + 1, int.MaxValue)),
                    ClaimArray(new Assertion.Items([.. Enumerable.Repeat(SchemaRef.Anything, i), Ref(one, false)], SchemaRef.Anything))])),
                others is null ? Formula.False : ClaimArray(
                    new Assertion.Contains(Ref(others, false), SchemaRef.Anything, first.Count, 1, int.MaxValue))])]));
    }

    /// <summary>Schemas by place, as each draft writes them.</summary>
    private static (List<JsonNode?> First, JsonNode? Others) ItemSchemas(JsonObject schema)
    {
        schema.TryGetPropertyValue("items", out var items);
        if (schema.TryGetPropertyValue("prefixItems", out var prefix))
            return ([.. prefix as JsonArray ?? throw new GrammarException("'prefixItems' is a list of schemas.")], items);
        if (items is not JsonArray list)
            return ([], items);
        schema.TryGetPropertyValue("additionalItems", out var others);
        return ([.. list], others);
    }

    private static Formula ClaimArray(Assertion what) => Formula.Of(JsonKinds.Array, what);
}
