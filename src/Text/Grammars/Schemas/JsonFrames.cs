using System.Text.Json.Nodes;
using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Schemas;

/// <summary>An object or array that is open, with what it holds so far; null stands for outside all of them.</summary>
/// <param name="Outer">What it stands in.</param>
/// <param name="Depth">How many are open.</param>
internal abstract record JsonFrame(JsonFrame? Outer, int Depth);

/// <summary>An open object.</summary>
/// <param name="Shape">What it must keep.</param>
/// <param name="Outer">What it stands in.</param>
/// <param name="Keys">Its keys so far.</param>
/// <param name="Left">Required keys that are not yet there.</param>
/// <param name="Some">A bit for each <see cref="ObjectShape.Some"/> that is not yet met.</param>
internal sealed record ObjectFrame(ObjectShape Shape, JsonFrame? Outer, KeyList? Keys, int Left, ulong Some)
    : JsonFrame(Outer, (Outer?.Depth ?? 0) + 1)
{
    public static ObjectFrame Open(ObjectShape shape, JsonFrame? outer) =>
        new(shape, outer, null, shape.Required.Count, (1UL << shape.Some.Count) - 1);

    private int Count => Keys?.Count ?? 0;

    /// <summary>Whether it may be closed.</summary>
    public bool CanClose => Left == 0 && Some == 0 && Count >= Shape.Least;

    /// <summary>Whether a further key may come.</summary>
    public bool CanAdd => Count < Shape.Most && (Shape.Others.Count > 0 && !OnlyRequired || Shape.Names.Any(CanName));

    /// <summary>Whether there is room for required keys only.</summary>
    public bool OnlyRequired => Left >= Shape.Most - Count;

    /// <summary>Whether a named key may come next.</summary>
    public bool CanName(string name) => !Has(name) && (!OnlyRequired || Shape.Required.Contains(name)) && Shape.Allows(name);

    /// <summary>The keys that are there.</summary>
    public IEnumerable<string> KeysSoFar
    {
        get
        {
            for (var at = Keys; at is not null; at = at.Before)
                yield return at.Key;
        }
    }

    public bool Has(string key) => Keys is { } keys && keys.Has(key);

    /// <summary>What may stand at a key, and the frame that has it: several where it may meet a <see cref="ObjectShape.Some"/> or not.</summary>
    public IEnumerable<(Values Values, ObjectFrame Frame)> With(string key)
    {
        var frame = this with { Keys = new KeyList(key, Keys), Left = Left - (Shape.Required.Contains(key) ? 1 : 0) };
        foreach (var (also, left) in Meeting(key, 0))
            yield return (Shape.ValuesOf(key, also), frame with { Some = left });
    }

    /// <summary>The sets of <see cref="ObjectShape.Some"/> that a member can be meant to meet.</summary>
    private IEnumerable<(List<SchemaRef> Also, ulong Left)> Meeting(string key, int from)
    {
        while (from < Shape.Some.Count && ((Some >> from & 1) == 0 || !Shape.Meets(Shape.Some[from], key)))
            from++;
        if (from == Shape.Some.Count)
            return [([], Some)];
        var rest = Meeting(key, from + 1).ToList();
        return rest.Concat(rest.Select(way => ((List<SchemaRef>)[Shape.Some[from].Value, .. way.Also], way.Left & ~(1UL << from))));
    }
}

/// <summary>Keys, the last first.</summary>
internal sealed record KeyList(string Key, KeyList? Before)
{
    public int Count { get; } = (Before?.Count ?? 0) + 1;

    public bool Has(string key)
    {
        for (var at = this; at is not null; at = at.Before)
        {
            if (at.Key == key)
                return true;
        }
        return false;
    }
}

/// <summary>An open array.</summary>
/// <param name="Shape">What it must keep.</param>
/// <param name="Outer">What it stands in.</param>
/// <param name="Index">Items that are whole.</param>
/// <param name="Held">Eight bits for each <see cref="ArrayShape.Contains"/>: items that were counted.</param>
/// <param name="Items">Items so far where all must differ, the last first.</param>
/// <param name="From">Where on the tape the present item begins.</param>
internal sealed record ArrayFrame(ArrayShape Shape, JsonFrame? Outer, int Index, ulong Held, KeyList? Items, int From)
    : JsonFrame(Outer, (Outer?.Depth ?? 0) + 1)
{
    /// <summary>Whether it may be closed.</summary>
    public bool CanClose
    {
        get
        {
            if (Index < Shape.Least)
                return false;
            for (int i = 0; i < Shape.Contains.Count; i++)
            {
                if (HeldOf(i) < Shape.Contains[i].Least)
                    return false;
            }
            return true;
        }
    }

    /// <summary>What may stand at the next place, with the frame that counts it.</summary>
    public IEnumerable<(Values Values, ArrayFrame Frame)> Next(int tape)
    {
        if (Index >= Shape.Most)
            yield break;
        var frame = this with { From = tape };
        var differ = Differing();
        foreach (var (also, held) in Counted(0, Held))
        {
            var values = Shape.ValuesOf(Index, [.. also, .. differ]);
            if (!values.IsEmpty)
                yield return (values, frame with { Held = held });
        }
    }

    /// <summary>The frame after an item, or null where the item was there before.</summary>
    public ArrayFrame? After(Tape? tape)
    {
        if (!Shape.IsUnique)
            return this with { Index = Index + 1 };
        string item = CanonicalJson.Of(JsonNode.Parse(tape!.Since(From)));
        return Items is { } items && items.Has(item) ? null : this with { Index = Index + 1, Items = new KeyList(item, Items) };
    }

    private int HeldOf(int i) => (int)(Held >> (8 * i) & 0xFF);

    /// <summary>Each item counts for a rule and keeps it, or does not count and, where there may be too many, breaks it.</summary>
    private IEnumerable<(List<SchemaRef> Also, ulong Held)> Counted(int rule, ulong held)
    {
        if (rule == Shape.Contains.Count)
            return [([], held)];
        var its = Shape.Contains[rule];
        var rest = Counted(rule + 1, held).ToList();
        if (Index < its.From)
            return rest;
        bool bounded = its.Most < int.MaxValue;
        var ways = new List<(List<SchemaRef>, ulong)>();
        int count = HeldOf(rule);
        foreach (var (also, total) in rest)
        {
            if (count < its.Least || bounded && count < its.Most)
                ways.Add(([its.Is, .. also], total + (1UL << (8 * rule))));

            // Places must remain for those that are still wanted.
            if (its.Least - count < Shape.Most - Index)
                ways.Add((bounded ? [its.IsNot, .. also] : also, total));
        }
        return ways;
    }

    /// <summary>Where few values can be, those that were are left out before they are begun again.</summary>
    private List<SchemaRef> Differing() => Shape.IsUnique && Items is not null && Shape.IsFew(Index)
        ? [.. Listed().Select(item => Shape.AllBut(item))] : [];

    private IEnumerable<string> Listed()
    {
        for (var at = Items; at is not null; at = at.Before)
            yield return at.Key;
    }
}

/// <summary>The bytes that were written since an array opened whose items must differ.</summary>
internal sealed class Tape(byte last, Tape? before)
{
    /// <summary>Nothing that counts.</summary>
    public static readonly Tape Blank = new(0, null);

    public int Length { get; } = (before?.Length ?? 0) + 1;

    public byte[] Since(int length)
    {
        var bytes = new byte[Length - length];
        var at = this;
        for (int i = bytes.Length - 1; i >= 0; i--, at = at.Before!)
            bytes[i] = at.Last;
        return bytes;
    }

    private byte Last => last;

    private Tape? Before => before;
}
