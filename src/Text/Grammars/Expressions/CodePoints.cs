namespace Causerie.Text.Grammars.Expressions;

/// <summary>A set of Unicode code points, as sorted ranges that do not touch. Surrogates are never in it.</summary>
public sealed class CodePoints : IEquatable<CodePoints>
{
    private const int Last = 0x10FFFF;

    /// <summary>No code point.</summary>
    public static readonly CodePoints None = new([]);

    /// <summary>All but surrogates.</summary>
    public static readonly CodePoints All = new([(0, 0xD7FF), (0xE000, Last)]);

    private readonly (int Low, int High)[] _ranges;

    private CodePoints((int Low, int High)[] ranges) => _ranges = ranges;

    /// <summary>The ranges, ends included.</summary>
    public ReadOnlySpan<(int Low, int High)> Ranges => _ranges;

    /// <summary>Whether nothing is in it.</summary>
    public bool IsEmpty => _ranges.Length == 0;

    /// <summary>One code point.</summary>
    public static CodePoints Of(int code) => Of([(code, code)]);

    /// <summary>Ranges in any order; surrogates go.</summary>
    public static CodePoints Of(IEnumerable<(int Low, int High)> ranges)
    {
        var merged = new List<(int Low, int High)>();
        foreach (var (low, high) in ranges.SelectMany(WithoutSurrogates).Where(range => range.Low <= range.High).OrderBy(range => range.Low))
        {
            if (merged.Count > 0 && low <= merged[^1].High + 1 && !(merged[^1].High == 0xD7FF && low == 0xE000))
                merged[^1] = (merged[^1].Low, Math.Max(merged[^1].High, high));
            else
                merged.Add((low, high));
        }
        return merged.Count == 0 ? None : new CodePoints([.. merged]);
    }

    /// <summary>The code points of a Unicode general category such as <c>L</c> or <c>Lu</c>, or null where it is unknown.</summary>
    public static CodePoints? Category(string name) => UnicodeTable.Only.Categories.GetValueOrDefault(name);

    /// <summary>With the other case of each letter, where each is the other's.</summary>
    public CodePoints WithCases()
    {
        var cases = UnicodeTable.Only.Cases;
        var letters = _ranges.Sum(range => (long)range.High - range.Low + 1) < cases.Count
            ? _ranges.SelectMany(range => Enumerable.Range(range.Low, range.High - range.Low + 1)).Where(cases.ContainsKey)
            : cases.Keys.Where(Contains);
        (int, int)[] others = [.. letters.Select(letter => (cases[letter], cases[letter]))];
        return others.Length == 0 ? this : Of(_ranges.Concat(others));
    }

    /// <summary>Whether a code point is in it.</summary>
    public bool Contains(int code)
    {
        int low = 0, high = _ranges.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (code < _ranges[middle].Low)
                high = middle - 1;
            else if (code > _ranges[middle].High)
                low = middle + 1;
            else
                return true;
        }
        return false;
    }

    /// <summary>Whether any code point from one to another, ends included, is in it.</summary>
    public bool Overlaps(int low, int high)
    {
        foreach (var range in _ranges)
        {
            if (range.Low <= high && range.High >= low)
                return true;
        }
        return false;
    }

    /// <summary>All others.</summary>
    public CodePoints Complement()
    {
        var others = new List<(int, int)>();
        int next = 0;
        foreach (var (low, high) in _ranges)
        {
            others.Add((next, low - 1));
            next = high + 1;
        }
        others.Add((next, Last));
        return Of(others);
    }

    /// <summary>What is in one or the other.</summary>
    public CodePoints Union(CodePoints other) => Of(_ranges.Concat(other._ranges));

    /// <summary>What is in both.</summary>
    public CodePoints Intersect(CodePoints other)
    {
        var both = new List<(int, int)>();
        foreach (var (low, high) in _ranges)
        {
            foreach (var (otherLow, otherHigh) in other._ranges)
            {
                if (otherLow <= high && otherHigh >= low)
                    both.Add((Math.Max(low, otherLow), Math.Min(high, otherHigh)));
            }
        }
        return Of(both);
    }

    /// <inheritdoc/>
    public bool Equals(CodePoints? other) => other is not null && _ranges.AsSpan().SequenceEqual(other._ranges);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CodePoints);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var range in _ranges)
            hash.Add(range);
        return hash.ToHashCode();
    }

    private static IEnumerable<(int Low, int High)> WithoutSurrogates((int Low, int High) range) =>
        range.High < 0xD800 || range.Low > 0xDFFF ? [range] : [(range.Low, 0xD7FF), (0xE000, range.High)];
}
