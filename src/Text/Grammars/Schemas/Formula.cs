using Causerie.Text.Grammars.Expressions;
using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Schemas;

/// <summary>What a JSON value must be, without any "not": a schema after its negations were driven down to its assertions.</summary>
internal abstract record Formula
{
    public static readonly Formula True = new Constant(true);
    public static readonly Formula False = new Constant(false);

    public static Formula All(IEnumerable<Formula> parts) => Join(
        parts, True, False, part => (part as AllOf)?.Parts, kept => new AllOf(kept));

    public static Formula Any(IEnumerable<Formula> parts) => Join(
        parts, False, True, part => (part as AnyOf)?.Parts, kept => new AnyOf(kept));

    public static Formula Of(JsonKinds kind, Assertion what) => new Claim(kind, what);

    /// <summary>Parts without those that say nothing or stand there already: schemas that name each other twice stay small.</summary>
    private static Formula Join(
        IEnumerable<Formula> parts, Formula idle, Formula decisive, Func<Formula, IReadOnlyList<Formula>?> opened, Func<IReadOnlyList<Formula>, Formula> joined)
    {
        var whole = new HashSet<Formula>(ReferenceEqualityComparer.Instance);
        foreach (var part in parts)
        {
            if (part == decisive)
                return decisive;
            if (part != idle)
                whole.Add(part);
        }
        return whole.Count switch
        {
            0 => idle,
            1 => whole.First(),
            _ => joined([.. whole.SelectMany(part => opened(part) ?? [part]).Distinct<Formula>(ReferenceEqualityComparer.Instance)]),
        };
    }

    internal sealed record Constant(bool Value) : Formula;

    internal sealed record AllOf(IReadOnlyList<Formula> Parts) : Formula;

    internal sealed record AnyOf(IReadOnlyList<Formula> Parts) : Formula;

    /// <summary>One of the schemas and no other: each with its opposite.</summary>
    internal sealed record OneOf(IReadOnlyList<(Formula Is, Func<Formula> IsNot)> Parts) : Formula;

    /// <summary>The value's kind.</summary>
    internal sealed record Kinds(JsonKinds Set) : Formula;

    /// <summary>Something that only values of one kind must keep.</summary>
    internal sealed record Claim(JsonKinds Kind, Assertion What) : Formula;
}

/// <summary>Kinds of JSON values.</summary>
[Flags]
internal enum JsonKinds
{
    None = 0,
    Null = 1,
    False = 2,
    True = 4,
    Number = 8,
    Text = 16,
    Array = 32,
    Object = 64,
    Boolean = False | True,
    All = 127,
}

/// <summary>A place in a schema that values below are held to, or its opposite.</summary>
/// <param name="Id">The same for the same place and sign.</param>
internal readonly record struct SchemaRef(int Id)
{
    public static readonly SchemaRef Anything = new(0);
    public static readonly SchemaRef Nothing = new(1);
}

/// <summary>What values of one kind must keep.</summary>
internal abstract record Assertion
{
    internal sealed record Number(NumberRule Rule) : Assertion;

    internal sealed record Text(TextRule Rule) : Assertion;

    /// <summary>How many members or items there are.</summary>
    internal sealed record Count(int Least, int Most) : Assertion;

    /// <summary>Values by key: those named, those that match, all others.</summary>
    internal sealed record Members(
        IReadOnlyDictionary<string, SchemaRef> Named, IReadOnlyList<(Language Keys, SchemaRef Value)> Matching, SchemaRef Others) : Assertion
    {
        /// <summary>The schemas that a key's value must keep.</summary>
        public IEnumerable<SchemaRef> Of(string key)
        {
            bool known = Named.TryGetValue(key, out var named);
            if (known)
                yield return named;
            foreach (var (keys, value) in Matching)
            {
                if (!keys.Contains(key))
                    continue;
                known = true;
                yield return value;
            }
            if (!known)
                yield return Others;
        }
    }

    internal sealed record Required(string Key) : Assertion;

    /// <summary>What every key must be.</summary>
    internal sealed record Keys(SchemaRef Schema) : Assertion;

    /// <summary>Some member, outside the named keys and languages or inside a language, has a value so.</summary>
    internal sealed record SomeMember(Func<string, bool> Speaks, SchemaRef Key, SchemaRef Value) : Assertion;

    /// <summary>Items by place, and the others.</summary>
    internal sealed record Items(IReadOnlyList<SchemaRef> First, SchemaRef Others) : Assertion
    {
        public SchemaRef Of(int index) => index < First.Count ? First[index] : Others;
    }

    /// <summary>So many items, from a place on, are so.</summary>
    internal sealed record Contains(SchemaRef Is, SchemaRef IsNot, int From, int Least, int Most) : Assertion;

    internal sealed record Unique : Assertion;
}
