using Causerie.Text.Templates.Library;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Runtime;

/// <summary>Attributes and items: a fixed table of methods by type, then the items themselves.</summary>
internal static class Lookup
{
    /// <summary><c>value.name</c>: the method of that name first, then the item.</summary>
    public static Value Attribute(Render render, Value value, string name) =>
        Method(render, value, name) ?? (value as DictValue)?.Find(name) ?? Missing(value, name);

    /// <summary><c>value[key]</c>: the item first, then the method of that name.</summary>
    public static Value Item(Render render, Value value, Value key)
    {
        Undefined.Reject(value);
        render.Read(value);
        render.Read(key);
        if (FindItem(value, key) is { } found)
            return found;
        if (key is StringValue name)
            return Method(render, value, name.Text) ?? Missing(value, name.Text);
        return new UndefinedValue($"{Describe(value)} has no element {Printer.Repr(render, key)}");
    }

    /// <summary><c>value[start:stop:step]</c>.</summary>
    public static Value Slice(Render render, Value value, Value? start, Value? stop, Value? step)
    {
        Undefined.Reject(value);
        render.Read(value);
        if (value is not (StringValue or ListValue or TupleValue or RangeValue))
            throw new TemplateException(value is DictValue
                ? "unhashable type: 'slice'"
                : $"'{value.TypeName}' object is not subscriptable");
        var (first, end, by, count) = Indices(value.Length!.Value, start, stop, step);
        switch (value)
        {
            case StringValue s:
                return Characters(render, s, first, by, count);
            case ListValue list:
                render.CheckItems(count);
                return new ListValue([.. Pick(list.List, first, by, count)]);
            case TupleValue tuple:
                render.CheckItems(count);
                return new TupleValue([.. Pick(tuple.Elements, first, by, count)]);
            default:
                var range = (RangeValue)value;
                return new RangeValue(range.Start + (range.Step * first), range.Step * by, count)
                {
                    Stop = range.Start + (range.Step * end),
                };
        }
    }

    /// <summary>The method of that name, or null; undefined where the sandbox forbids it.</summary>
    public static Value? Method(Render render, Value value, string name)
    {
        if (value is UndefinedValue undefined)
            throw undefined.Error();
        if (name.StartsWith("__", StringComparison.Ordinal) && value is not (DictValue or NamespaceValue))
            return Unsafe(value, name);
        return value switch
        {
            StringValue => StringMethods.Find(value, name),
            DictValue => Guard(render, value, name, DictMethods.Mutating, DictMethods.Find(value, name)),
            ListValue => Guard(render, value, name, ListMethods.Mutating, ListMethods.Find(value, name)),
            TupleValue { IsGroup: true } group when name is "grouper" or "list" => group.Elements[name == "list" ? 1 : 0],
            TupleValue or RangeValue => ListMethods.FindImmutable(value, name),
            NamespaceValue ns => ns.Attributes.Find(name),
            Syntax.LoopValue loop => loop.Attribute(name),
            Syntax.MacroValue macro => macro.Attribute(name),
            CyclerValue or IntValue or FloatValue or BoolValue => SmallMethods.Find(value, name),
            _ => null,
        };
    }

    public static UndefinedValue Missing(Value value, string name) =>
        new($"{Printer.Quote(Describe(value))} has no attribute {Printer.Quote(name)}");

    private static UndefinedValue Unsafe(Value value, string name) =>
        new($"access to attribute {Printer.Quote(name)} of {Printer.Quote(value.TypeName)} object is unsafe.");

    private static Value? Guard(Render render, Value value, string name, HashSet<string> mutating, Value? method) =>
        method is not null && !render.AllowMutation && mutating.Contains(name) ? Unsafe(value, name) : method;

    private static Value? FindItem(Value value, Value key)
    {
        if (value is DictValue dict)
            return key.IsHashable ? dict.Find(key) : null;
        if (value.Length is not { } length || value is DictViewValue || !Numbers.TryInt(key, out long index))
            return null;
        if (index < 0)
            index += length;
        if (index < 0 || index >= length)
            return null;
        return value switch
        {
            ListValue list => list.List[(int)index],
            TupleValue tuple => tuple.Elements[(int)index],
            RangeValue range => IntValue.Of(range.At((int)index)),
            StringValue s => Character(s, (int)index),
            _ => null,
        };
    }

    private static StringValue Character(StringValue s, int index)
    {
        int offset = StringValue.Offset(s.Text, index);
        return s.With(s.Text.Substring(offset, StringValue.Width(s.Text, offset)));
    }

    private static StringValue Characters(Render render, StringValue s, long first, long by, int count)
    {
        render.Charge(count / 16);
        if (by == 1)
        {
            int start = StringValue.Offset(s.Text, (int)first);
            int stop = start + StringValue.Offset(s.Text.AsSpan(start), count);
            render.Reserve(stop - start);
            return s.With(s.Text[start..stop]);
        }

        var all = s.Items.ToArray();
        render.Charge(all.Length);
        render.Reserve(count);
        return s.With(string.Concat(Pick(all, first, by, count).Select(c => ((StringValue)c).Text)));
    }

    private static IEnumerable<Value> Pick(IList<Value> items, long first, long by, int count) =>
        Enumerable.Range(0, count).Select(i => items[(int)(first + (by * i))]);

    private static (long First, long End, long Step, int Count) Indices(int length, Value? start, Value? stop, Value? step)
    {
        long by = Index(step) ?? 1;
        if (by == 0)
            throw new TemplateException("slice step cannot be zero");
        by = Math.Clamp(by, -int.MaxValue, int.MaxValue);
        long low = by > 0 ? 0 : -1, high = by > 0 ? length : length - 1;
        long first = Clamp(Index(start), by > 0 ? low : high);
        long end = Clamp(Index(stop), by > 0 ? high : low);
        long count = by > 0 ? (end - first + by - 1) / by : (first - end - by - 1) / -by;
        return (first, end, by, (int)Math.Max(count, 0));

        long Clamp(long? index, long missing)
        {
            if (index is not { } i)
                return missing;
            return Math.Clamp(i < 0 ? Math.Max(i, -int.MaxValue) + length : i, low, high);
        }
    }

    private static long? Index(Value? value)
    {
        if (value is null or NoneValue)
            return null;
        return Numbers.TryInt(value, out long index)
            ? index
            : throw new TemplateException("slice indices must be integers or None or have an __index__ method");
    }

    private static string Describe(Value value) => value is NoneValue ? "None" : $"{value.TypeName} object";
}
