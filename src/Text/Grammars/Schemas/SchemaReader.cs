using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Schemas;

/// <summary>Makes formulas of schemas: each keyword gives what it asks, and the opposite for where it stands below a "not".</summary>
internal sealed partial class SchemaReader
{
    private const int Deepest = 200;

    private readonly SchemaDocument _document;
    private readonly SchemaOptions _options;
    private readonly Dictionary<(JsonNode, bool), SchemaRef> _known = new(new ByNode());
    private readonly List<Func<Formula>> _refs = [() => Formula.True, () => Formula.False];
    private readonly Dictionary<int, Formula> _open = [];
    private readonly HashSet<(JsonNode, bool)> _way = new(new ByNode());

    /// <summary>How the schema is read.</summary>
    public SchemaOptions Options => _options;

    public SchemaReader(SchemaDocument document, SchemaOptions options) => (_document, _options) = (document, options);

    /// <summary>The whole schema.</summary>
    public SchemaRef Root => Ref(_document.Root, true);

    /// <summary>References so far.</summary>
    public int Count => _refs.Count;

    /// <summary>What a reference stands for.</summary>
    public Formula Open(SchemaRef to)
    {
        if (!_open.TryGetValue(to.Id, out var formula))
            _open.Add(to.Id, formula = _refs[to.Id]());
        return formula;
    }

    /// <summary>A reference to a formula that is made when it is needed.</summary>
    public SchemaRef Add(Func<Formula> formula)
    {
        _refs.Add(formula);
        return new SchemaRef(_refs.Count - 1);
    }

    private SchemaRef Ref(JsonNode? node, bool sign)
    {
        if (node is null)
            throw new GrammarException("a schema is an object or a boolean, not null.");
        if (node is JsonValue value && value.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
            return value.GetValue<bool>() == sign ? SchemaRef.Anything : SchemaRef.Nothing;
        if (node is JsonObject { Count: 0 })
            return sign ? SchemaRef.Anything : SchemaRef.Nothing;
        if (!_known.TryGetValue((node, sign), out var its))
            _known.Add((node, sign), its = Add(() => Read(node, sign)));
        return its;
    }

    private Formula Is(JsonNode? node) => InPlace(node, true);

    private Formula IsNot(JsonNode? node) => InPlace(node, false);

    private Formula InPlace(JsonNode? node, bool sign) => Open(Ref(node, sign));

    private Formula Read(JsonNode node, bool sign)
    {
        if (node is not JsonObject schema)
            throw new GrammarException($"a schema is an object or a boolean, not {Brief(node)}.");
        if (!_way.Add((node, sign)))
            throw new GrammarException("a schema refers to itself in the same place without end.");
        if (_way.Count > Deepest)
            throw new GrammarException($"more than {Deepest} schemas lead to one another in one place.");
        try
        {
            if (schema.ContainsKey("unevaluatedProperties") || schema.ContainsKey("unevaluatedItems"))
                return sign ? Unevaluated(schema) : throw new GrammarException("the opposite of 'unevaluatedProperties' or 'unevaluatedItems' cannot be enforced.");
            var parts = Keywords(schema).ToList();
            return sign ? Formula.All(parts.Select(part => part.Is())) : Formula.Any(parts.Select(part => part.IsNot()));
        }
        finally
        {
            _way.Remove((node, sign));
        }
    }

    /// <summary>What a schema's keywords ask, and the opposite of each.</summary>
    private IEnumerable<Part> Keywords(JsonObject schema)
    {
        if (schema.TryGetPropertyValue("$ref", out var to))
        {
            yield return Both(_document.Resolve(Text(to, "$ref"), schema));
            if (_document.IsDraft7)
                yield break;
        }
        foreach (var part in Applicators(schema).Concat(Scalars(schema)).Concat(Objects(schema)).Concat(Arrays(schema)))
            yield return part;
    }

    private IEnumerable<Part> Applicators(JsonObject schema)
    {
        foreach (string keyword in new[] { "$dynamicRef", "$recursiveRef" })
        {
            if (schema.TryGetPropertyValue(keyword, out var to))
                yield return Both(_document.ResolveDynamic(Text(to, keyword), schema));
        }
        if (schema.TryGetPropertyValue("allOf", out var all))
        {
            foreach (var one in List(all, "allOf"))
                yield return Both(one);
        }
        if (schema.TryGetPropertyValue("anyOf", out var any))
        {
            var list = List(any, "anyOf");
            yield return new Part(() => Formula.Any(list.Select(Is)), () => Formula.All(list.Select(IsNot)));
        }
        if (schema.TryGetPropertyValue("oneOf", out var one1))
        {
            var list = List(one1, "oneOf");
            yield return new Part(() => OneOf(list), () => NotOne(list));
        }
        if (schema.TryGetPropertyValue("not", out var not))
            yield return new Part(() => IsNot(not), () => Is(not));
        if (schema.TryGetPropertyValue("if", out var test) && (schema.ContainsKey("then") || schema.ContainsKey("else")))
        {
            var then = schema["then"];
            var other = schema["else"];
            yield return new Part(
                () => Formula.Any([Formula.All([Is(test), then is null ? Formula.True : Is(then)]), Formula.All([IsNot(test), other is null ? Formula.True : Is(other)])]),
                () => Formula.Any([Formula.All([Is(test), then is null ? Formula.False : IsNot(then)]), Formula.All([IsNot(test), other is null ? Formula.False : IsNot(other)])]));
        }
    }

    private Formula OneOf(List<JsonNode> list) => list.Count == 1 ? Is(list[0])
        : new Formula.OneOf([.. list.Select(one => (Is(one), (Func<Formula>)(() => IsNot(one))))]);

    private Formula NotOne(List<JsonNode> list)
    {
        var ways = new List<Formula> { Formula.All(list.Select(IsNot)) };
        for (int i = 0; i < list.Count; i++)
        {
            for (int j = i + 1; j < list.Count; j++)
                ways.Add(Formula.All([Is(list[i]), Is(list[j])]));
        }
        return Formula.Any(ways);
    }

    private Part Both(JsonNode? node) => new(() => Is(node), () => IsNot(node));

    private static Part Claim(JsonKinds kind, Assertion what, Func<IEnumerable<Assertion>> not) => new(
        () => new Formula.Claim(kind, what),
        () => Formula.All([new Formula.Kinds(kind), Formula.Any(not().Select(one => new Formula.Claim(kind, one)))]));

    private static List<JsonNode> List(JsonNode? node, string keyword) => node is JsonArray { Count: > 0 } array
        ? [.. array.Select(one => one ?? throw new GrammarException($"'{keyword}' holds null, which is no schema."))]
        : throw new GrammarException($"'{keyword}' is a list of schemas.");

    private static string Text(JsonNode? node, string keyword) => node is JsonValue value && value.TryGetValue(out string? text)
        ? text : throw new GrammarException($"'{keyword}' is a text.");

    private static int Whole(JsonNode? node, string keyword)
    {
        var value = Number(node, keyword);
        return value.IsInteger && value.Numerator.Sign >= 0
            ? (int)System.Numerics.BigInteger.Min(value.Numerator, int.MaxValue)
            : throw new GrammarException($"'{keyword}' is a whole number from 0 on.");
    }

    private static Rational Number(JsonNode? node, string keyword) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            ? Rational.Parse(value.ToJsonString()) : throw new GrammarException($"'{keyword}' is a number.");

    private static string Brief(JsonNode? node)
    {
        string text = node?.ToJsonString() ?? "null";
        return text.Length <= 60 ? text : text[..57] + "…";
    }

    /// <summary>What one keyword asks, and the opposite.</summary>
    private sealed record Part(Func<Formula> Is, Func<Formula> IsNot);

    private sealed class ByNode : IEqualityComparer<(JsonNode Node, bool Sign)>
    {
        public bool Equals((JsonNode Node, bool Sign) x, (JsonNode Node, bool Sign) y) => ReferenceEquals(x.Node, y.Node) && x.Sign == y.Sign;

        public int GetHashCode((JsonNode Node, bool Sign) one) => HashCode.Combine(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(one.Node), one.Sign);
    }
}
