using Causerie.Text.Grammars.Expressions;
using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Schemas;

/// <summary>All values that may stand in one place, kind by kind: one of the rules of its kind must hold.</summary>
internal sealed record Values(
    bool Null, bool False, bool True, IReadOnlyList<NumberRule> Numbers, IReadOnlyList<TextRule> Texts,
    IReadOnlyList<ArrayShape> Arrays, IReadOnlyList<ObjectShape> Objects)
{
    /// <summary>Whether numbers have neither a fraction nor an exponent.</summary>
    public bool Plain { get; init; }

    /// <summary>Whether nothing can stand there.</summary>
    public bool IsEmpty => !Null && !False && !True && Numbers.Count == 0 && Texts.Count == 0
        && !Arrays.Any(shape => shape.IsPossible()) && !Objects.Any(shape => shape.IsPossible());
}

/// <summary>One set of things that an object must keep all of.</summary>
internal sealed class ObjectShape
{
    private const int MostSome = 60; // bits of a frame's mask

    private readonly ShapeCompiler _compiler;
    private readonly IReadOnlyList<Assertion.Members> _members;
    private readonly IReadOnlyList<TextRule>? _keys; // one must hold for each key; null for any
    private readonly SchemaRef[] _others;
    private readonly Dictionary<string, Values> _values = new(StringComparer.Ordinal); // of named keys
    private readonly Dictionary<string, bool> _allowed = new(StringComparer.Ordinal);

    public ObjectShape(ShapeCompiler compiler, IReadOnlyList<Assertion> all)
    {
        _compiler = compiler;
        _members = [.. all.OfType<Assertion.Members>()];
        Required = [.. all.OfType<Assertion.Required>().Select(one => one.Key).Distinct()];
        Some = [.. all.OfType<Assertion.SomeMember>()];
        if (Some.Count > MostSome)
            throw new GrammarException($"an object has more than {MostSome} rules that some member must meet.");
        (Least, Most) = Bounds(all);
        SchemaRef[] keys = [.. all.OfType<Assertion.Keys>().Select(one => one.Schema)];
        _keys = keys.Length == 0 ? null : compiler.ValuesOf(keys).Texts;
        Names = [.. _members.SelectMany(rule => rule.Named.Keys).Concat(Required).Distinct().Order(StringComparer.Ordinal)];
        Numbers = Names.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i, StringComparer.Ordinal);
        _others = [.. _members.Where(rule => rule.Others != SchemaRef.Anything).Select(rule => rule.Others)];
        Others = OtherKeys();
    }

    /// <summary>Fewest members.</summary>
    public int Least { get; }

    /// <summary>Most members.</summary>
    public int Most { get; }

    /// <summary>Keys that must be there.</summary>
    public IReadOnlyList<string> Required { get; }

    /// <summary>Members of which one must be there, each.</summary>
    public IReadOnlyList<Assertion.SomeMember> Some { get; }

    /// <summary>Keys that rules name, in the order of their code units.</summary>
    public string[] Names { get; }

    /// <summary>Their places in <see cref="Names"/>.</summary>
    public Dictionary<string, int> Numbers { get; }

    /// <summary>What other keys may be: one of these; none where there may be no others.</summary>
    public IReadOnlyList<TextRule> Others { get; }

    /// <summary>Whether a named key may be there at all.</summary>
    public bool Allows(string name)
    {
        if (_allowed.TryGetValue(name, out bool known))
            return known;
        bool allowed = (_keys is null || _keys.Any(rule => rule.Holds(name))) && !ValuesOf(name).IsEmpty;
        if (_compiler.IsIdle)
            _allowed[name] = allowed;
        return allowed;
    }

    /// <summary>Whether some object has this shape.</summary>
    public bool IsPossible() => _compiler.Ask(this, () => Least <= Most && Required.Count <= Most
        && Required.All(Allows)
        && Some.All(one => Most > 0 && !_compiler.ValuesOf([one.Value]).IsEmpty && _compiler.ValuesOf([one.Key]).Texts.Count > 0)
        && (Least <= Required.Count || Others.Count > 0 || Names.Count(Allows) >= Least));

    /// <summary>Whether a key is one that a <see cref="Assertion.SomeMember"/> speaks of.</summary>
    public bool Meets(Assertion.SomeMember some, string key) => some.Speaks(key) && (
        some.Key == SchemaRef.Anything || _compiler.ValuesOf([some.Key]).Texts.Any(rule => rule.Holds(key)));

    /// <summary>What may stand at a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="also">Further schemas.</param>
    public Values ValuesOf(string key, IReadOnlyList<SchemaRef>? also = null)
    {
        bool isNamed = Numbers.ContainsKey(key), isAlone = also is not { Count: > 0 };
        if (isNamed && isAlone && _values.TryGetValue(key, out var known))
            return known;
        bool named = isNamed || _members.Any(rule => rule.Matching.Count > 0);
        var refs = named ? _members.SelectMany(rule => rule.Of(key)) : _others;
        var values = _compiler.ValuesOf([.. refs, .. also ?? []]);
        if (isNamed && isAlone && _compiler.IsIdle)
            _values[key] = values;
        return values;
    }

    private IReadOnlyList<TextRule> OtherKeys()
    {
        IReadOnlyList<TextRule> keys = _keys ?? [TextRule.Any];
        foreach (var rule in _members)
        {
            var allowed = rule.Others == SchemaRef.Nothing
                ? rule.Matching.Where(one => one.Value != SchemaRef.Nothing).Select(one => one.Keys).ToList() : null;
            if (allowed is { Count: 0 })
                return [];
            if (allowed is not null)
                keys = Narrowed(keys, allowed.Aggregate((a, b) => a.Union(b)));
            foreach (var (shut, _) in rule.Matching.Where(one => one.Value == SchemaRef.Nothing))
                keys = Narrowed(keys, shut.Complement());
        }
        return keys;
    }

    private static List<TextRule> Narrowed(IReadOnlyList<TextRule> keys, Language to) =>
        [.. keys.Select(rule => rule.And(TextRule.Any with { Language = to })).Where(rule => !rule.IsEmpty)];

    internal static (int Least, int Most) Bounds(IReadOnlyList<Assertion> all) => (
        all.OfType<Assertion.Count>().Select(one => one.Least).DefaultIfEmpty(0).Max(),
        all.OfType<Assertion.Count>().Select(one => one.Most).DefaultIfEmpty(int.MaxValue).Min());
}

/// <summary>One set of things that an array must keep all of.</summary>
internal sealed class ArrayShape
{
    private const int MostContains = 8; // bytes of a frame's counts
    private const int MostHeld = 254;

    private readonly ShapeCompiler _compiler;
    private readonly IReadOnlyList<Assertion.Items> _items;
    private readonly Dictionary<int, Values> _values = []; // by place
    private int? _most;

    public ArrayShape(ShapeCompiler compiler, IReadOnlyList<Assertion> all)
    {
        _compiler = compiler;
        _items = [.. all.OfType<Assertion.Items>()];
        Contains = [.. all.OfType<Assertion.Contains>()];
        if (Contains.Count > MostContains || Contains.Any(one => one.Least > MostHeld || one.Most is > MostHeld and < int.MaxValue))
            throw new GrammarException($"more than {MostContains} 'contains' in one place, or bounds over {MostHeld}, cannot be enforced.");
        IsUnique = all.OfType<Assertion.Unique>().Any();
        (Least, MostAsked) = ObjectShape.Bounds(all);
        Prefix = _items.Select(rule => rule.First.Count).Concat(Contains.Select(rule => rule.From)).DefaultIfEmpty(0).Max();
    }

    /// <summary>Fewest items.</summary>
    public int Least { get; }

    /// <summary>Items of which some must be there.</summary>
    public IReadOnlyList<Assertion.Contains> Contains { get; }

    /// <summary>Whether all must differ.</summary>
    public bool IsUnique { get; }

    /// <summary>From here on one item is like the next.</summary>
    public int Prefix { get; }

    /// <summary>Most items, those counted that can exist.</summary>
    public int Most
    {
        get
        {
            if (_most is { } known)
                return known;
            int most = MostAsked;
            for (int i = 0; i <= Prefix && i < most; i++)
            {
                if (ValuesOf(i).IsEmpty)
                    most = i;
            }
            if (_compiler.IsIdle)
                _most = most;
            return most;
        }
    }

    private int MostAsked { get; }

    /// <summary>What may stand at a place.</summary>
    public Values ValuesOf(int index)
    {
        index = Math.Min(index, Prefix);
        if (_values.TryGetValue(index, out var known))
            return known;
        var values = _compiler.ValuesOf([.. _items.Select(rule => rule.Of(index))]);
        if (_compiler.IsIdle)
            _values[index] = values;
        return values;
    }

    /// <summary>What may stand at a place that keeps further schemas, too.</summary>
    public Values ValuesOf(int index, IReadOnlyList<SchemaRef> also) =>
        also.Count == 0 ? ValuesOf(index) : _compiler.ValuesOf([.. _items.Select(rule => rule.Of(index)), .. also]);

    /// <summary>Whether only a few values can stand at a place: given ones, or short texts of a finite set.</summary>
    public bool IsFew(int index)
    {
        var values = ValuesOf(index);
        return values.Arrays.Count == 0 && values.Objects.Count == 0 && values.Texts.All(rule => !rule.Language.IsEndless)
            && values.Numbers.All(rule => rule is { Low: not null, High: not null, Step: not null } || rule is { Low: { } low, High: { } high } && low == high);
    }

    /// <summary>A schema of every value but one, which is given in its canonical form.</summary>
    public SchemaRef AllBut(string canonical) => _compiler.AllBut(canonical);

    /// <summary>Whether some array has this shape.</summary>
    public bool IsPossible() => _compiler.Ask(this, () => Least == 0 && Contains.Count == 0 || Least <= Most && Contains.All(one => one.Least <= one.Most
        && (one.Least == 0 || (one.Least <= Most - one.From && !_compiler.ValuesOf([one.Is]).IsEmpty))));
}
