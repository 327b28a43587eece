using System.Text.Json.Nodes;
using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Schemas;

/// <summary>Makes of formulas what a value may be, kind by kind, as alternatives without any "and" or "or" inside.</summary>
internal sealed class ShapeCompiler(SchemaReader reader)
{
    private const int MostAlternatives = 1024;
    private const int MostTexts = 8;
    private const int Deepest = 500;

    private static readonly Values Nothing = new(false, false, false, [], [], [], []);

    /// <summary>Stands for values that are just being worked out; not empty, as far as is known.</summary>
    private static readonly Values Unknown = new(true, true, true, [NumberRule.Any], [TextRule.Any], [], []);

    private readonly Dictionary<Formula, Dictionary<JsonKinds, List<List<Assertion>>>> _expanded = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, Values> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _way = new(StringComparer.Ordinal);
    private readonly Dictionary<object, bool> _possible = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<object> _asking = new(ReferenceEqualityComparer.Instance);
    private bool _asksItself;
    private bool _sawUnknown;

    /// <summary>Whether no question is open, so that every answer stands.</summary>
    public bool IsIdle => _way.Count == 0 && _asking.Count == 0;

    /// <summary>A schema of every value but one.</summary>
    public SchemaRef AllBut(string canonical) => reader.AllBut(JsonNode.Parse(canonical));

    /// <summary>Values that keep several schemas.</summary>
    /// <exception cref="GrammarException">Something cannot be enforced, or the alternatives are too many.</exception>
    public Values ValuesOf(IReadOnlyList<SchemaRef> refs)
    {
        SchemaRef[] set = [.. refs.Where(one => one != SchemaRef.Anything).Distinct().OrderBy(one => one.Id)];
        if (set.Contains(SchemaRef.Nothing))
            return Nothing;
        string key = string.Join(',', set.Select(one => one.Id));
        if (_known.TryGetValue(key, out var known))
            return known;
        if (!_way.Add(key))
        {
            _sawUnknown = true;
            return Unknown;
        }
        RequireDepth(_way.Count);
        var values = Of(Formula.All(set.Select(reader.Open)));
        _way.Remove(key);
        return _known[key] = values;
    }

    /// <summary>Opens every schema that can be reached, so that what cannot be enforced is known before the first byte.</summary>
    public void OpenAll()
    {
        for (int i = 0; i < reader.Count; i++)
            ValuesOf([new SchemaRef(i)]);
    }

    /// <summary>Answers whether a shape is possible, which may hang on itself: without another way it is not.</summary>
    public bool Ask(object shape, Func<bool> question)
    {
        if (_possible.TryGetValue(shape, out bool known))
            return known;
        if (!_asking.Add(shape))
        {
            _asksItself = true;
            return false;
        }
        RequireDepth(_asking.Count);
        bool before = _asksItself;
        _asksItself = false;
        if (_way.Count == 0)
            _sawUnknown = false;
        bool possible = question();
        _asking.Remove(shape);
        if (_asking.Count == 0)
            _asksItself = false;

        // "No" may be only for now where a question above is open; "yes" stands, unless values are still unknown.
        if (!_sawUnknown && (possible || !_asksItself))
            _possible[shape] = possible;
        _asksItself = before || (!possible && _asksItself);
        return possible;
    }

    private Values Of(Formula formula)
    {
        if (formula == Formula.False)
            return Nothing;
        var numbers = Expand(formula, JsonKinds.Number)
            .Select(all => all.Aggregate(NumberRule.Any, (rule, one) => rule.And(((Assertion.Number)one).Rule))).Where(rule => !rule.IsEmpty).ToList();
        return new Values(
            Expand(formula, JsonKinds.Null).Count > 0,
            Expand(formula, JsonKinds.False).Count > 0,
            Expand(formula, JsonKinds.True).Count > 0,
            numbers.Any(rule => rule.IsAny) ? [NumberRule.Any] : [.. numbers.Distinct()],
            Texts(Expand(formula, JsonKinds.Text)),
            [.. Expand(formula, JsonKinds.Array).Select(all => new ArrayShape(this, all))],
            [.. Expand(formula, JsonKinds.Object).Select(all => new ObjectShape(this, all))])
        {
            Plain = reader.Options.PlainIntegers && numbers.All(rule =>
                rule.Step is { IsInteger: true } || (rule is { Low: { IsInteger: true } low, High: { } high } && low == high)),
        };
    }

    private static List<TextRule> Texts(List<List<Assertion>> alternatives)
    {
        var rules = alternatives
            .Select(all => all.Aggregate(TextRule.Any, (rule, one) => rule.And(((Assertion.Text)one).Rule))).Where(rule => !rule.IsEmpty).ToList();
        if (rules.Any(rule => rule.IsAny))
            return [TextRule.Any];
        var plain = rules.Where(rule => rule.Least == 0 && rule.Most == int.MaxValue).ToList();
        if (plain.Count <= MostTexts)
            return rules;
        return [.. rules.Except(plain), TextRule.Any with { Language = plain.Select(rule => rule.Language).Aggregate((a, b) => a.Union(b)) }];
    }

    /// <summary>The alternatives of a formula for values of one kind, found once: formulas share their parts.</summary>
    private List<List<Assertion>> Expand(Formula formula, JsonKinds kind)
    {
        if (!_expanded.TryGetValue(formula, out var kinds))
            _expanded.Add(formula, kinds = []);
        if (!kinds.TryGetValue(kind, out var alternatives))
            kinds[kind] = alternatives = Alternatives(formula, kind);
        return alternatives;
    }

    private List<List<Assertion>> Alternatives(Formula formula, JsonKinds kind)
    {
        switch (formula)
        {
            case Formula.Constant constant:
                return constant.Value ? [[]] : [];
            case Formula.Kinds kinds:
                return (kinds.Set & kind) != 0 ? [[]] : [];
            case Formula.Claim claim:
                return claim.Kind == kind ? [[claim.What]] : [[]];
            case Formula.AnyOf any:
                var ways = new List<List<Assertion>>();
                foreach (var part in any.Parts)
                {
                    var its = Expand(part, kind);
                    if (its.Any(way => way.Count == 0))
                        return [[]];
                    ways.AddRange(its);
                    Bound(ways.Count);
                }
                return ways;
            case Formula.AllOf all:
                List<List<Assertion>> both = [[]];
                foreach (var part in all.Parts.OrderBy(part => part is Formula.AnyOf or Formula.OneOf))
                {
                    both = Cross(both, Expand(part, kind), kind);
                    if (both.Count == 0)
                        return both;
                }
                return both;
            case Formula.OneOf one:
                return OneOf(one, kind);
            default:
                throw new ArgumentOutOfRangeException(nameof(formula));
        }
    }

    private List<List<Assertion>> Cross(List<List<Assertion>> left, List<List<Assertion>> right, JsonKinds kind)
    {
        if (right.Count == 1 && right[0].Count == 0)
            return left;
        Bound((long)left.Count * right.Count / 4);
        var both = new List<List<Assertion>>();
        foreach (var a in left)
        {
            foreach (var b in right)
            {
                List<Assertion> together = [.. a, .. b.Where(one => !a.Contains(one))];
                if (left.Count * right.Count == 1 || Exists(together, kind))
                    both.Add(together);
            }
        }
        Bound(both.Count);
        return both;
    }

    private bool Exists(List<Assertion> all, JsonKinds kind) => kind switch
    {
        JsonKinds.Number => !all.Aggregate(NumberRule.Any, (rule, one) => rule.And(((Assertion.Number)one).Rule)).IsEmpty,
        JsonKinds.Text => !all.Aggregate(TextRule.Any, (rule, one) => rule.And(((Assertion.Text)one).Rule)).IsEmpty,
        JsonKinds.Array => new ArrayShape(this, all).IsPossible(),
        JsonKinds.Object => new ObjectShape(this, all).IsPossible(),
        _ => true,
    };

    /// <summary>Each schema with the opposites of those others that can hold together with it.</summary>
    private List<List<Assertion>> OneOf(Formula.OneOf one, JsonKinds kind)
    {
        var parts = one.Parts.Select(part => Expand(part.Is, kind)).ToList();
        var ways = new List<List<Assertion>>();
        for (int i = 0; i < parts.Count; i++)
        {
            var its = parts[i];
            for (int j = 0; j < parts.Count && its.Count > 0; j++)
            {
                if (j != i && parts[j].Count > 0 && Meet(parts[i], parts[j], kind))
                    its = Cross(its, Expand(one.Parts[j].IsNot(), kind), kind);
            }
            ways.AddRange(its);
            Bound(ways.Count);
        }
        return ways;
    }

    private bool Meet(List<List<Assertion>> left, List<List<Assertion>> right, JsonKinds kind) =>
        left.Any(a => right.Any(b => Exists([.. a, .. b], kind)));

    private static void RequireDepth(int depth)
    {
        if (depth > Deepest)
            throw new GrammarException($"values that need one another are more than {Deepest} deep.");
    }

    private static void Bound(long count)
    {
        if (count > MostAlternatives)
            throw new GrammarException($"the schema has more than {MostAlternatives} alternatives in one place.");
    }
}
