using System.Text.Json.Nodes;
using Causerie.Text.Grammars.Expressions;

namespace Causerie.Text.Grammars.Schemas;

/// <summary>
/// <c>unevaluatedProperties</c> and <c>unevaluatedItems</c>: each way in which the schemas in the same place can hold sees
/// other members and items, so the schema becomes one formula for each way.
/// </summary>
internal sealed partial class SchemaReader
{
    private const int MostWays = 256;
    private const int MostLooks = 1000;

    private int _looks;

    private Formula Unevaluated(JsonObject schema) => Formula.Any(Ways(schema).Select(way => way.Holds));

    private List<Way> Ways(JsonNode? node)
    {
        if (++_looks > MostLooks)
            throw new GrammarException("schemas beside 'unevaluatedProperties' or 'unevaluatedItems' lead to one another without end, or too often.");
        if (node is not JsonObject schema)
            return [new Way(Is(node), Seen.Nothing)];
        var ways = new List<Way> { Own(schema) };
        foreach (var step in InPlaceWays(schema))
        {
            ways = [.. ways.SelectMany(way => step, (way, more) => way.And(more)).Where(way => way.Holds != Formula.False)];
            if (ways.Count > MostWays)
                throw new GrammarException($"'unevaluatedProperties' or 'unevaluatedItems' has more than {MostWays} ways to hold.");
        }
        if (schema.TryGetPropertyValue("unevaluatedProperties", out var members))
            ways = [.. ways.Select(way => way.WithMembers(Ref(members, true)))];
        if (schema.TryGetPropertyValue("unevaluatedItems", out var items))
            ways = [.. ways.Select(way => way.WithItems(Ref(items, true), contains => Add(() => Formula.Any([.. contains.Select(Open), Is(items)]))))];
        return ways;
    }

    /// <summary>What a schema asks itself, without the schemas in the same place.</summary>
    private Way Own(JsonObject schema)
    {
        var parts = Scalars(schema).Concat(Arrays(schema)).ToList();
        if (MembersOf(schema) is { } its)
            parts.Add(its);
        var own = (JsonObject)schema.DeepClone();
        foreach (string handled in new[] { "properties", "patternProperties", "additionalProperties", "propertyNames", "dependentSchemas", "dependencies" })
            own.Remove(handled);
        parts.AddRange(Objects(own));
        if (schema.TryGetPropertyValue("propertyNames", out var names))
            parts.Add(new Part(() => Claim(new Assertion.Keys(Ref(names, true))), () => Formula.False));
        var (named, matching, others) = MemberSchemas(schema);
        var (first, rest) = ItemSchemas(schema);
        var contains = schema.TryGetPropertyValue("contains", out var held) ? [Ref(held, true)] : Array.Empty<SchemaRef>();
        return new Way(
            Formula.All(parts.Select(part => part.Is())),
            new Seen([.. named.Keys], [.. matching.Select(pair => pair.Keys)], others is not null, first.Count, rest is not null, contains));
    }

    private IEnumerable<List<Way>> InPlaceWays(JsonObject schema)
    {
        if (schema.TryGetPropertyValue("$ref", out var to))
            yield return Ways(_document.Resolve(Text(to, "$ref"), schema));
        if (schema.TryGetPropertyValue("$dynamicRef", out var dynamic))
            yield return Ways(_document.ResolveDynamic(Text(dynamic, "$dynamicRef"), schema));
        if (schema.TryGetPropertyValue("allOf", out var all))
        {
            foreach (var one in List(all, "allOf"))
                yield return Ways(one);
        }
        if (schema.TryGetPropertyValue("anyOf", out var any))
            yield return Subsets(List(any, "anyOf"));
        if (schema.TryGetPropertyValue("oneOf", out var oneOf))
        {
            var list = List(oneOf, "oneOf");
            yield return [.. list.SelectMany((one, i) => Ways(one).Select(way => way.And(new Way(
                Formula.All(list.Where((_, j) => j != i).Select(IsNot)), Seen.Nothing))))];
        }
        if (schema.TryGetPropertyValue("not", out var not))
            yield return [new Way(IsNot(not), Seen.Nothing)];
        if (schema.TryGetPropertyValue("if", out var test))
        {
            var then = schema["then"];
            var other = schema["else"];
            var no = new Way(IsNot(test), Seen.Nothing);
            yield return [
                .. Ways(test).SelectMany(_ => then is null ? [new Way(Formula.True, Seen.Nothing)] : Ways(then), (a, b) => a.And(b)),
                .. (other is null ? [new Way(Formula.True, Seen.Nothing)] : Ways(other)).Select(no.And)];
        }
        if (schema.TryGetPropertyValue("dependentSchemas", out var dependent))
        {
            foreach (var (key, value) in Map(dependent, "dependentSchemas"))
            {
                var present = new Way(Claim(new Assertion.Required(key)), Seen.Nothing);
                yield return [new Way(Absent(key), Seen.Nothing), .. Ways(value).Select(present.And)];
            }
        }
        if (schema.ContainsKey("dependencies"))
            throw new GrammarException("'dependencies' beside 'unevaluatedProperties' cannot be enforced.");
    }

    /// <summary>All sets of schemas that hold: those left out may hold or not.</summary>
    private List<Way> Subsets(List<JsonNode> list)
    {
        if (list.Count > 6)
            throw new GrammarException("'anyOf' of more than 6 schemas beside 'unevaluatedProperties' cannot be enforced.");
        var ways = new List<Way>();
        for (int set = 1; set < 1 << list.Count; set++)
        {
            List<Way> some = [new Way(Formula.True, Seen.Nothing)];
            for (int i = 0; i < list.Count; i++)
            {
                if ((set >> i & 1) != 0)
                    some = [.. some.SelectMany(_ => Ways(list[i]), (a, b) => a.And(b))];
            }
            ways.AddRange(some);
        }
        return ways;
    }

    /// <summary>Members and items that schemas in one place have looked at.</summary>
    private sealed record Seen(
        IReadOnlyList<string> Names, IReadOnlyList<Language> Matching, bool AllMembers, int Items, bool AllItems, IReadOnlyList<SchemaRef> Contains)
    {
        public static readonly Seen Nothing = new([], [], false, 0, false, []);

        public Seen And(Seen other) => new(
            [.. Names.Union(other.Names)], [.. Matching, .. other.Matching], AllMembers || other.AllMembers,
            Math.Max(Items, other.Items), AllItems || other.AllItems, [.. Contains, .. other.Contains]);
    }

    /// <summary>One way for schemas in one place to hold, and what they look at then.</summary>
    private sealed record Way(Formula Holds, Seen Seen)
    {
        public Way And(Way other) => new(Formula.All([Holds, other.Holds]), Seen.And(other.Seen));

        public Way WithMembers(SchemaRef others) => Seen.AllMembers ? this : new Way(
            Formula.All([Holds, Claim(new Assertion.Members(
                Seen.Names.ToDictionary(name => name, _ => SchemaRef.Anything),
                [.. Seen.Matching.Select(keys => (keys, SchemaRef.Anything))], others))]),
            Seen with { AllMembers = true });

        public Way WithItems(SchemaRef others, Func<IReadOnlyList<SchemaRef>, SchemaRef> beside) => Seen.AllItems ? this : new Way(
            Formula.All([Holds, ClaimArray(new Assertion.Items(
                [.. Enumerable.Repeat(SchemaRef.Anything, Seen.Items)], Seen.Contains.Count == 0 ? others : beside(Seen.Contains)))]),
            Seen with { AllItems = true });
    }
}
