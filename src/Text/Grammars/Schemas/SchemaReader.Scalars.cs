using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Text.Grammars.Expressions;
using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Schemas;

/// <summary>Keywords about kinds, given values, texts and numbers.</summary>
internal sealed partial class SchemaReader
{
    private static readonly Dictionary<string, JsonKinds> KindNames = new(StringComparer.Ordinal)
    {
        ["null"] = JsonKinds.Null,
        ["boolean"] = JsonKinds.Boolean,
        ["number"] = JsonKinds.Number,
        ["integer"] = JsonKinds.Number,
        ["string"] = JsonKinds.Text,
        ["array"] = JsonKinds.Array,
        ["object"] = JsonKinds.Object,
    };

    private readonly Dictionary<string, SchemaRef> _others = new(StringComparer.Ordinal);

    /// <summary>A schema of every value but one.</summary>
    public SchemaRef AllBut(JsonNode? value)
    {
        string key = CanonicalJson.Of(value);
        if (!_others.TryGetValue(key, out var its))
            _others.Add(key, its = Add(() => Unequal(value)));
        return its;
    }

    private IEnumerable<Part> Scalars(JsonObject schema)
    {
        if (schema.TryGetPropertyValue("type", out var type))
            yield return Kinds(type);
        if (schema.TryGetPropertyValue("const", out var value))
            yield return Given([value]);
        if (schema.TryGetPropertyValue("enum", out var values))
            yield return Given([.. values as JsonArray ?? throw new GrammarException("'enum' is a list of values.")]);
        foreach (var part in Texts(schema).Concat(Numbers(schema)))
            yield return part;
    }

    private static Part Kinds(JsonNode? type)
    {
        string[] names = type is JsonArray list ? [.. list.Select(one => Text(one, "type"))] : [Text(type, "type")];
        var kinds = JsonKinds.None;
        foreach (string name in names)
            kinds |= KindNames.TryGetValue(name, out var kind) ? kind : throw new GrammarException($"the type '{name}' is none that JSON has.");
        if (!names.Contains("integer") || names.Contains("number"))
            return new Part(() => new Formula.Kinds(kinds), () => new Formula.Kinds(JsonKinds.All & ~kinds));
        var whole = new Formula.Claim(JsonKinds.Number, new Assertion.Number(NumberRule.Integer));
        var broken = new Formula.Claim(JsonKinds.Number, new Assertion.Number(NumberRule.Any with { NotSteps = [Rational.Parse("1")] }));
        return new Part(
            () => Formula.All([new Formula.Kinds(kinds), whole]),
            () => Formula.All([new Formula.Kinds((JsonKinds.All & ~kinds) | JsonKinds.Number), broken]));
    }

    private static IEnumerable<Part> Texts(JsonObject schema, string keyword, Func<JsonNode?, TextRule> rule, Func<JsonNode?, IEnumerable<TextRule>> not)
    {
        if (schema.TryGetPropertyValue(keyword, out var node))
            yield return Claim(JsonKinds.Text, new Assertion.Text(rule(node)), () => not(node).Select(one => new Assertion.Text(one)));
    }

    private IEnumerable<Part> Texts(JsonObject schema)
    {
        var length = Texts(schema, "minLength", node => TextRule.Any with { Least = Whole(node, "minLength") },
                node => Whole(node, "minLength") is > 0 and var least ? [TextRule.Any with { Most = least - 1 }] : [])
            .Concat(Texts(schema, "maxLength", node => TextRule.Any with { Most = Whole(node, "maxLength") },
                node => Whole(node, "maxLength") is < int.MaxValue and var most ? [TextRule.Any with { Least = most + 1 }] : []));
        var pattern = Texts(schema, "pattern", node => TextRule.Any with { Language = Pattern(Text(node, "pattern")) },
            node => [TextRule.Any with { Language = Pattern(Text(node, "pattern")).Complement() }]);
        foreach (var part in length.Concat(pattern))
            yield return part;
        if (!_options.EnforceFormats || !schema.TryGetPropertyValue("format", out var format))
            yield break;
        string name = Text(format, "format");
        if (Formats.Find(name) is { } rule)
        {
            yield return Claim(JsonKinds.Text, new Assertion.Text(rule), () =>
                [new Assertion.Text(TextRule.Any with { Language = rule.Language.Complement() }), .. Beyond(rule).Select(one => new Assertion.Text(one))]);
        }
        else
        {
            throw new GrammarException($"the format '{name}' cannot be enforced; those that can: {string.Join(", ", Formats.Known)}.");
        }
    }

    private static IEnumerable<TextRule> Beyond(TextRule rule)
    {
        if (rule.Least > 0)
            yield return TextRule.Any with { Most = rule.Least - 1 };
        if (rule.Most < int.MaxValue)
            yield return TextRule.Any with { Least = rule.Most + 1 };
    }

    private static Language Pattern(string pattern) => Language.Of(ExpressionParser.Parse(pattern), whole: false);

    private static IEnumerable<Part> Numbers(JsonObject schema)
    {
        foreach (var (keyword, rule, opposite) in new (string, Func<Rational, NumberRule>, Func<Rational, NumberRule>)[]
        {
            ("minimum", v => NumberRule.Any with { Low = v }, v => NumberRule.Any with { High = v, HighIsOut = true }),
            ("exclusiveMinimum", v => NumberRule.Any with { Low = v, LowIsOut = true }, v => NumberRule.Any with { High = v }),
            ("maximum", v => NumberRule.Any with { High = v }, v => NumberRule.Any with { Low = v, LowIsOut = true }),
            ("exclusiveMaximum", v => NumberRule.Any with { High = v, HighIsOut = true }, v => NumberRule.Any with { Low = v }),
            ("multipleOf", v => NumberRule.Any with { Step = v }, v => NumberRule.Any with { NotSteps = [v] }),
        })
        {
            if (!schema.TryGetPropertyValue(keyword, out var node))
                continue;
            if (node is JsonValue flag && flag.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
                throw new GrammarException($"'{keyword}' is a number; true and false, as in draft 4, cannot be enforced.");
            var value = Number(node, keyword);
            if (keyword == "multipleOf" && value.Numerator.Sign <= 0)
                throw new GrammarException("'multipleOf' is above 0.");
            yield return Claim(JsonKinds.Number, new Assertion.Number(rule(value)), () => [new Assertion.Number(opposite(value))]);
        }
    }

    /// <summary>One of some values.</summary>
    private Part Given(IReadOnlyList<JsonNode?> values)
    {
        string[] texts = [.. values.OfType<JsonValue>().Where(IsText).Select(value => value.GetValue<string>())];
        var others = values.Where(value => value is not JsonValue text || !IsText(text)).ToList();
        return new Part(
            () => Formula.Any([.. others.Select(Equal), texts.Length == 0 ? Formula.False
                : Formula.All([new Formula.Kinds(JsonKinds.Text), new Formula.Claim(JsonKinds.Text, new Assertion.Text(Words(texts)))])]),
            () => Formula.All([.. others.Select(Unequal), texts.Length == 0 ? Formula.True
                : new Formula.Claim(JsonKinds.Text, new Assertion.Text(TextRule.Any with { Language = Words(texts).Language.Complement() }))]));
    }

    private static TextRule Words(string[] texts) => TextRule.Any with { Language = Language.OfTexts(texts) };

    private static bool IsText(JsonValue value) => value.GetValueKind() == JsonValueKind.String;

    /// <summary>This value and no other.</summary>
    private Formula Equal(JsonNode? value)
    {
        switch (value)
        {
            case null:
                return new Formula.Kinds(JsonKinds.Null);
            case JsonArray array:
                return Formula.All([
                    new Formula.Kinds(JsonKinds.Array),
                    new Formula.Claim(JsonKinds.Array, new Assertion.Items([.. array.Select(item => Add(() => Equal(item)))], SchemaRef.Nothing)),
                    new Formula.Claim(JsonKinds.Array, new Assertion.Count(array.Count, array.Count))]);
            case JsonObject o:
                return Formula.All([
                    new Formula.Kinds(JsonKinds.Object),
                    new Formula.Claim(JsonKinds.Object, Named(o.ToDictionary(pair => pair.Key, pair => Add(() => Equal(pair.Value))), SchemaRef.Nothing)),
                    .. o.Select(pair => new Formula.Claim(JsonKinds.Object, new Assertion.Required(pair.Key)))]);
            default:
                var scalar = value.AsValue();
                return scalar.GetValueKind() switch
                {
                    JsonValueKind.True => new Formula.Kinds(JsonKinds.True),
                    JsonValueKind.False => new Formula.Kinds(JsonKinds.False),
                    JsonValueKind.String => Given([value]).Is(),
                    _ => Formula.All([
                        new Formula.Kinds(JsonKinds.Number),
                        new Formula.Claim(JsonKinds.Number, new Assertion.Number(NumberRule.Exactly(Rational.Parse(scalar.ToJsonString()))))]),
                };
        }
    }

    /// <summary>Any value but this one.</summary>
    private Formula Unequal(JsonNode? value)
    {
        switch (value)
        {
            case null:
                return new Formula.Kinds(JsonKinds.All & ~JsonKinds.Null);
            case JsonArray array:
                return Formula.Any([
                    new Formula.Kinds(JsonKinds.All & ~JsonKinds.Array),
                    array.Count == 0 ? Formula.False : ClaimArray(new Assertion.Count(0, array.Count - 1)),
                    ClaimArray(new Assertion.Count(array.Count + 1, int.MaxValue)),
                    .. array.Select((item, i) => Formula.All([
                        ClaimArray(new Assertion.Count(i + 1, int.MaxValue)),
                        ClaimArray(new Assertion.Items([.. Enumerable.Repeat(SchemaRef.Anything, i), Add(() => Unequal(item))], SchemaRef.Anything))]))]);
            case JsonObject o:
                return Formula.Any([
                    new Formula.Kinds(JsonKinds.All & ~JsonKinds.Object),
                    new Formula.Claim(JsonKinds.Object, new Assertion.SomeMember(key => !o.ContainsKey(key), SchemaRef.Anything, SchemaRef.Anything)),
                    .. o.Select(pair => Formula.Any([Absent(pair.Key), Present(pair.Key, Add(() => Unequal(pair.Value)))]))]);
            default:
                var scalar = value.AsValue();
                return scalar.GetValueKind() switch
                {
                    JsonValueKind.True => new Formula.Kinds(JsonKinds.All & ~JsonKinds.True),
                    JsonValueKind.False => new Formula.Kinds(JsonKinds.All & ~JsonKinds.False),
                    JsonValueKind.String => Given([value]).IsNot(),
                    _ => new Formula.Claim(JsonKinds.Number, new Assertion.Number(NumberRule.Any with { Not = [Rational.Parse(scalar.ToJsonString())] })),
                };
        }

        static Formula ClaimArray(Assertion what) => new Formula.Claim(JsonKinds.Array, what);
    }
}
