using System.Runtime.InteropServices;

namespace Causerie.Text.Grammars.Expressions;

/// <summary>Code points parted into classes that no set of an automaton tells apart.</summary>
internal sealed class Alphabet : IEquatable<Alphabet>
{
    private readonly int[] _from; // [interval] first code point
    private readonly int[] _classOf; // [interval]
    private readonly int[] _ascii = new int[128];

    private Alphabet(int[] from, int[] classOf, int classes)
    {
        (_from, _classOf, Classes) = (from, classOf, classes);
        for (int code = 0; code < _ascii.Length; code++)
            _ascii[code] = Search(code);
    }

    /// <summary>How many classes there are.</summary>
    public int Classes { get; }

    /// <summary>The parting that tells every one of some sets apart.</summary>
    public static Alphabet Of(IReadOnlyList<CodePoints> sets)
    {
        var cuts = new SortedSet<int> { 0 };
        foreach (var set in sets)
        {
            foreach (var (low, high) in set.Ranges)
            {
                cuts.Add(low);
                cuts.Add(high + 1);
            }
        }
        int[] from = [.. cuts.Where(cut => cut <= 0x10FFFF)];
        return Of(from, interval => string.Create(sets.Count, (sets, code: from[interval]), (key, state) =>
        {
            for (int i = 0; i < key.Length; i++)
                key[i] = state.sets[i].Contains(state.code) ? '1' : '0';
        }));
    }

    /// <summary>The parting that two partings have in common, and the classes of each that make its own.</summary>
    public static (Alphabet Both, int[] Left, int[] Right) Join(Alphabet left, Alphabet right)
    {
        int[] from = [.. left._from.Concat(right._from).Distinct().Order()];
        var both = Of(from, interval => (left.ClassOf(from[interval]), right.ClassOf(from[interval])));
        int[] ofLeft = new int[both.Classes], ofRight = new int[both.Classes];
        for (int i = 0; i < from.Length; i++)
            (ofLeft[both._classOf[i]], ofRight[both._classOf[i]]) = (left.ClassOf(from[i]), right.ClassOf(from[i]));
        return (both, ofLeft, ofRight);
    }

    /// <summary>The class of a code point.</summary>
    public int ClassOf(int code) => code < _ascii.Length ? _ascii[code] : Search(code);

    /// <summary>The classes of the code points from one to another, ends included; some may come twice.</summary>
    public ReadOnlySpan<int> ClassesOf(int low, int high)
    {
        int first = Interval(low), last = Interval(high);
        return _classOf.AsSpan(first, last - first + 1);
    }

    /// <summary>The classes that a set of this alphabet consists of.</summary>
    public IEnumerable<int> ClassesOf(CodePoints set)
    {
        var classes = new SortedSet<int>();
        foreach (var (low, high) in set.Ranges)
        {
            foreach (int one in ClassesOf(low, high))
                classes.Add(one);
        }
        return classes;
    }

    /// <summary>The code points of some classes.</summary>
    public CodePoints PointsOf(HashSet<int> classes) => CodePoints.Of(Enumerable.Range(0, _from.Length)
        .Where(interval => classes.Contains(_classOf[interval]))
        .Select(interval => (_from[interval], interval + 1 < _from.Length ? _from[interval + 1] - 1 : 0x10FFFF)));

    /// <inheritdoc/>
    public bool Equals(Alphabet? other) => other is not null
        && _from.AsSpan().SequenceEqual(other._from) && _classOf.AsSpan().SequenceEqual(other._classOf);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Alphabet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(MemoryMarshal.AsBytes(_from.AsSpan()));
        hash.AddBytes(MemoryMarshal.AsBytes(_classOf.AsSpan()));
        return hash.ToHashCode();
    }

    private static Alphabet Of<TKey>(int[] from, Func<int, TKey> key)
        where TKey : notnull
    {
        var known = new Dictionary<TKey, int>();
        int[] classOf = new int[from.Length];
        for (int i = 0; i < from.Length; i++)
        {
            var its = key(i);
            if (!known.TryGetValue(its, out classOf[i]))
                known.Add(its, classOf[i] = known.Count);
        }
        return new Alphabet(from, classOf, known.Count);
    }

    private int Search(int code) => _classOf[Interval(code)];

    private int Interval(int code)
    {
        int at = Array.BinarySearch(_from, code);
        return at >= 0 ? at : ~at - 1;
    }
}
