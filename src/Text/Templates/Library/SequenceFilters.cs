using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

/// <summary>Filters over lists, dictionaries and whatever else has items.</summary>
internal static class SequenceFilters
{
    public static Value Length(Render _, Value value, Arguments arguments)
    {
        arguments.Bind("length", []);
        return value.Length is { } length
            ? IntValue.Of(length)
            : throw new TemplateException($"object of type '{value.TypeName}' has no len()");
    }

    public static Value First(Render render, Value value, Arguments arguments)
    {
        arguments.Bind("first", []);
        foreach (var item in render.Each(value))
            return item;
        return new UndefinedValue("No first item, sequence was empty.");
    }

    public static Value Last(Render render, Value value, Arguments arguments)
    {
        arguments.Bind("last", []);
        if (value is UndefinedValue)
            return new UndefinedValue("No last item, sequence was empty.");
        if (value.Length is not { } length || value.Items is null)
            throw new TemplateException($"'{value.TypeName}' object is not reversible");
        if (length == 0)
            return new UndefinedValue("No last item, sequence was empty.");
        return value is ListValue or TupleValue or RangeValue or StringValue
            ? Lookup.Item(render, value, IntValue.Of(-1))
            : render.ToList(value)[^1];
    }

    public static Value List(Render render, Value value, Arguments arguments)
    {
        arguments.Bind("list", []);
        return new ListValue(render.ToList(value));
    }

    public static Value Items(Render _, Value value, Arguments arguments)
    {
        arguments.Bind("items", []);
        return new GeneratorValue("generator", Pairs(value));
    }

    public static Value Reverse(Render render, Value value, Arguments arguments)
    {
        arguments.Bind("reverse", []);
        if (value is StringValue s)
        {
            render.Reserve(s.Text.Length);
            return s.With(StringValue.Reverse(s.Text));
        }

        if (value.Items is null)
            throw new TemplateException("argument must be iterable");
        var items = render.ToList(value);
        items.Reverse();
        return value is GeneratorValue ? new ListValue(items) : new GeneratorValue("list_reverseiterator", items);
    }

    public static Value Attr(Render render, Value value, Arguments arguments)
    {
        var name = arguments.Bind("attr", ["name"], 1)[0] as StringValue
            ?? throw new TemplateException("attribute name must be string");
        if (value is UndefinedValue)
            return Lookup.Attribute(render, value, name.Text);
        return Lookup.Method(render, value, name.Text) ?? Lookup.Missing(value, name.Text);
    }

    public static Value Batch(Render render, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("batch", ["linecount", "fill_with"], 1);
        if (!Numbers.TryInt(bound[0]!, out long size))
            size = -1;
        render.CheckItems(Math.Max(size, 0));
        return new GeneratorValue("generator", Batches(render, value, size, bound[1]));
    }

    public static Value Slice(Render render, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("slice", ["slices", "fill_with"], 1);
        if (!Numbers.TryInt(bound[0]!, out long count))
            throw new TemplateException($"'{bound[0]!.TypeName}' object cannot be interpreted as an integer");
        render.CheckItems(Math.Max(count, 0));
        return new GeneratorValue("generator", Slices(render, value, count, bound[1]));
    }

    private static IEnumerable<Value> Pairs(Value value)
    {
        if (value is UndefinedValue)
            yield break;
        if (value is not DictValue dict)
            throw new TemplateException("Can only get item pairs from a mapping.");
        foreach (var (key, item) in dict.Entries)
            yield return new TupleValue(key, item);
    }

    private static IEnumerable<Value> Batches(Render render, Value value, long size, Value? fill)
    {
        var batch = new List<Value>();
        foreach (var item in render.Each(value))
        {
            if (batch.Count == size)
            {
                yield return new ListValue(batch);
                batch = [];
            }

            batch.Add(item);
        }

        if (batch.Count == 0)
            yield break;
        if (fill is not (null or NoneValue))
            while (batch.Count < size)
                batch.Add(fill);
        yield return new ListValue(batch);
    }

    private static IEnumerable<Value> Slices(Render render, Value value, long count, Value? fill)
    {
        var items = render.ToList(value);
        if (count == 0)
            throw new TemplateException("integer division or modulo by zero");
        int taken = 0;
        for (long i = 0; i < count; i++)
        {
            int size = (int)(items.Count / count) + (i < items.Count % count ? 1 : 0);
            var slice = items.GetRange(taken, size);
            taken += size;
            if (fill is not (null or NoneValue) && i >= items.Count % count)
                slice.Add(fill);
            yield return new ListValue(slice);
        }
    }
}
