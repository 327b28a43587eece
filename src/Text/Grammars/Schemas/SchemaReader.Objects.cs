using System.Text.Json.Nodes;
using Causerie.Text.Grammars.Expressions;

namespace Causerie.Text.Grammars.Schemas;

/// <summary>Keywords about the members of objects.</summary>
internal sealed partial class SchemaReader
{
    private static readonly IReadOnlyList<(Language Keys, SchemaRef Value)> NoMatching = [];

    private IEnumerable<Part> Objects(JsonObject schema)
    {
        if (MembersOf(schema) is { } members)
            yield return members;
        if (schema.TryGetPropertyValue("required", out var required))
        {
            foreach (string key in Names(required, "required"))
                yield return new Part(() => Claim(new Assertion.Required(key)), () => IsObject(Absent(key)));
        }
        if (schema.TryGetPropertyValue("minProperties", out var least))
            yield return Counted(JsonKinds.Object, Whole(least, "minProperties"), int.MaxValue);
        if (schema.TryGetPropertyValue("maxProperties", out var most))
            yield return Counted(JsonKinds.Object, 0, Whole(most, "maxProperties"));
        if (schema.TryGetPropertyValue("propertyNames", out var names))
        {
            yield return new Part(
                () => Claim(new Assertion.Keys(Ref(names, true))),
                () => IsObject(Claim(new Assertion.SomeMember(_ => true, Ref(names, false), SchemaRef.Anything))));
        }
        foreach (var part in Dependent(schema))
            yield return part;
    }

    private IEnumerable<Part> Dependent(JsonObject schema)
    {
        foreach (string keyword in new[] { "dependentRequired", "dependentSchemas", "dependencies" })
        {
            if (!schema.TryGetPropertyValue(keyword, out var node))
                continue;
            foreach (var (key, value) in Map(node, keyword))
            {
                var then = value is JsonArray && keyword != "dependentSchemas"
                    ? Formula.All(Names(value, keyword).Select(name => Claim(new Assertion.Required(name)))) : null;
                var not = value is JsonArray && keyword != "dependentSchemas"
                    ? Formula.Any(Names(value, keyword).Select(Absent)) : null;
                yield return new Part(
                    () => Formula.Any([Absent(key), then ?? Is(value)]),
                    () => IsObject(Formula.All([Claim(new Assertion.Required(key)), not ?? IsNot(value)])));
            }
        }
    }

    /// <summary><c>properties</c>, <c>patternProperties</c> and <c>additionalProperties</c>, which mean something together.</summary>
    private Part? MembersOf(JsonObject schema)
    {
        var (named, matching, others) = MemberSchemas(schema);
        if (named.Count == 0 && matching.Count == 0 && others is null)
            return null;
        return new Part(
            () => Claim(new Assertion.Members(
                named.ToDictionary(pair => pair.Key, pair => Ref(pair.Value, true)),
                [.. matching.Select(pair => (pair.Keys, Ref(pair.Value, true)))],
                others is null ? SchemaRef.Anything : Ref(others, true))),
            () => IsObject(Formula.Any([
                .. named.Select(pair => Present(pair.Key, Ref(pair.Value, false))),
                .. matching.Select(pair => Claim(new Assertion.SomeMember(pair.Keys.Contains, SchemaRef.Anything, Ref(pair.Value, false)))),
                others is null ? Formula.False : Claim(new Assertion.SomeMember(
                    key => !named.ContainsKey(key) && !matching.Any(pair => pair.Keys.Contains(key)), SchemaRef.Anything, Ref(others, false))),
            ])));
    }

    private static (Dictionary<string, JsonNode?> Named, List<(Language Keys, JsonNode? Value)> Matching, JsonNode? Others) MemberSchemas(JsonObject schema)
    {
        var named = schema.TryGetPropertyValue("properties", out var properties)
            ? Map(properties, "properties").ToDictionary(pair => pair.Key, pair => pair.Value) : [];
        var matching = schema.TryGetPropertyValue("patternProperties", out var patterns)
            ? Map(patterns, "patternProperties").Select(pair => (Pattern(pair.Key), pair.Value)).ToList() : [];
        schema.TryGetPropertyValue("additionalProperties", out var others);
        return (named, matching, others);
    }

    private static Part Counted(JsonKinds kind, int least, int most) => Claim(
        kind, new Assertion.Count(least, most),
        () => least > 0 ? [new Assertion.Count(0, least - 1)] : most < int.MaxValue ? [new Assertion.Count(most + 1, int.MaxValue)] : []);

    private static Formula Claim(Assertion what) => Formula.Of(JsonKinds.Object, what);

    private static Formula IsObject(Formula also) => Formula.All([new Formula.Kinds(JsonKinds.Object), also]);

    private static Formula Absent(string key) =>
        Claim(Named(new Dictionary<string, SchemaRef>(StringComparer.Ordinal) { [key] = SchemaRef.Nothing }, SchemaRef.Anything));

    private static Formula Present(string key, SchemaRef value) => Formula.All([
        Claim(new Assertion.Required(key)),
        Claim(Named(new Dictionary<string, SchemaRef>(StringComparer.Ordinal) { [key] = value }, SchemaRef.Anything))]);

    private static Assertion.Members Named(Dictionary<string, SchemaRef> named, SchemaRef others) => new(named, NoMatching, others);

    private static IEnumerable<string> Names(JsonNode? node, string keyword) => node is JsonArray array
        ? array.Select(one => Text(one, keyword)).Distinct() : throw new GrammarException($"'{keyword}' is a list of names.");

    private static JsonObject Map(JsonNode? node, string keyword) =>
        node as JsonObject ?? throw new GrammarException($"'{keyword}' is an object.");
}
