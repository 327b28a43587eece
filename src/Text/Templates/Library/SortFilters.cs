using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

/// <summary>Filters that compare items with each other.</summary>
internal static class SortFilters
{
    public static Value Sort(Render render, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("sort", ["reverse", "case_sensitive", "attribute"]);
        bool caseSensitive = bound[1]?.IsTrue == true;
        var paths = AttributePath.Several(bound[2]);
        return new ListValue(Sorted(
            render,
            render.ToList(value),
            item => new TupleValue([.. paths.Select(path => Fold(path.Get(render, item), caseSensitive))]),
            bound[0]?.IsTrue == true));
    }

    public static Value DictSort(Render render, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("dictsort", ["case_sensitive", "by", "reverse"]);
        bool caseSensitive = bound[0]?.IsTrue == true;
        string by = bound[1] is null ? "key" : Printer.Str(render, bound[1]!);
        if (by is not ("key" or "value"))
            throw new TemplateException("You can only sort by either \"key\" or \"value\"");
        Undefined.Reject(value);
        if (value is not DictValue dict)
            throw new TemplateException($"'{value.TypeName}' object has no attribute 'items'");
        int position = by == "key" ? 0 : 1;
        var pairs = dict.Entries.Select(e => (Value)new TupleValue(e.Key, e.Value)).ToList();
        return new ListValue(Sorted(
            render,
            pairs,
            pair => Fold(((TupleValue)pair).Elements[position], caseSensitive),
            bound[2]?.IsTrue == true));
    }

    public static Value GroupBy(Render render, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("groupby", ["attribute", "default", "case_sensitive"], 1);
        bool caseSensitive = bound[2]?.IsTrue == true;
        var path = AttributePath.Of(bound[0], bound[1]);
        var sorted = Sorted(
            render, render.ToList(value), item => Fold(path.Get(render, item), caseSensitive), reverse: false);
        var groups = new List<Value>();
        for (int i = 0; i < sorted.Count;)
        {
            var key = path.Get(render, sorted[i]);
            var members = new List<Value>();
            do
                members.Add(sorted[i++]);
            while (i < sorted.Count && Comparison.AreEqual(
                render, Fold(path.Get(render, sorted[i]), caseSensitive), Fold(key, caseSensitive)));
            groups.Add(new TupleValue(key, new ListValue(members)) { IsGroup = true });
        }

        return new ListValue(groups);
    }

    public static Value Unique(Render render, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("unique", ["case_sensitive", "attribute"]);
        return new GeneratorValue("generator", Distinct(
            render, value, AttributePath.Of(bound[1]), bound[0]?.IsTrue == true));
    }

    public static Value Extreme(Render render, Value value, Arguments arguments, string name)
    {
        var bound = arguments.Bind(name, ["case_sensitive", "attribute"]);
        bool caseSensitive = bound[0]?.IsTrue == true;
        var path = AttributePath.Of(bound[1]);
        Value? best = null, bestKey = null;
        foreach (var item in render.Each(value))
        {
            var key = Fold(path.Get(render, item), caseSensitive);
            bool better = bestKey is null || (name == "min"
                ? Comparison.Order(render, key, bestKey, "<") < 0
                : Comparison.Order(render, key, bestKey, ">") > 0);
            if (better)
                (best, bestKey) = (item, key);
        }

        return best ?? new UndefinedValue("No aggregated item, sequence was empty.");
    }

    /// <summary>A stable sort; items that compare equal keep their order even when reversed, as Python's do.</summary>
    public static List<Value> Sorted(Render render, List<Value> items, Func<Value, Value> key, bool reverse)
    {
        var keyed = items.Select(item => (Key: key(item), Item: item)).ToArray();
        Merge(keyed, new (Value, Value)[keyed.Length], 0, keyed.Length, (a, b) =>
        {
            render.Charge(1);
            return reverse ? Comparison.Order(render, a, b, "<") < 0 : Comparison.Order(render, b, a, "<") < 0;
        });
        return [.. keyed.Select(k => k.Item)];
    }

    // Our own, since the library's sort may fail in its own way where an order contradicts itself (NaN).
    private static void Merge(
        (Value Key, Value Item)[] items, (Value Key, Value Item)[] spare, int begin, int end, Func<Value, Value, bool> isAfter)
    {
        if (end - begin < 2)
            return;
        int middle = begin + ((end - begin) / 2);
        Merge(items, spare, begin, middle, isAfter);
        Merge(items, spare, middle, end, isAfter);
        int left = begin, right = middle;
        for (int i = begin; i < end; i++)
        {
            bool takeRight = left == middle || (right < end && isAfter(items[left].Key, items[right].Key));
            spare[i] = takeRight ? items[right++] : items[left++];
        }

        Array.Copy(spare, begin, items, begin, end - begin);
    }

    private static Value Fold(Value value, bool caseSensitive) =>
        value is StringValue s && !caseSensitive ? s.With(Case.Lower(s.Text)) : value;

    private static IEnumerable<Value> Distinct(Render render, Value value, AttributePath path, bool caseSensitive)
    {
        var seen = new HashSet<Value>(ValueComparer.Instance);
        foreach (var item in render.Each(value))
        {
            var key = Fold(path.Get(render, item), caseSensitive);
            if (!key.IsHashable)
                throw new TemplateException($"unhashable type: '{key.TypeName}'");
            if (seen.Add(key))
                yield return item;
        }
    }
}
