using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

/// <summary>The methods of dict.</summary>
internal static class DictMethods
{
    /// <summary>Those that the immutable sandbox of Jinja forbids.</summary>
    public static readonly HashSet<string> Mutating = ["clear", "pop", "popitem", "setdefault", "update"];

    public static MethodValue? Find(Value self, string name) => name switch
    {
        "clear" => new(self, name, Clear),
        "copy" => new(self, name, (_, s, a) => new DictValue((DictValue)a.Self(s, "copy"))),
        "fromkeys" => new(self, name, FromKeys),
        "get" => new(self, name, Get),
        "items" => new(self, name, (_, s, a) => new DictViewValue((DictValue)a.Self(s, "items"), DictPart.Items)),
        "keys" => new(self, name, (_, s, a) => new DictViewValue((DictValue)a.Self(s, "keys"), DictPart.Keys)),
        "pop" => new(self, name, Pop),
        "popitem" => new(self, name, PopItem),
        "setdefault" => new(self, name, SetDefault),
        "update" => new(self, name, (r, s, a) => Update(r, (DictValue)s, a, "update")),
        "values" => new(self, name, (_, s, a) => new DictViewValue((DictValue)a.Self(s, "values"), DictPart.Values)),
        _ => null,
    };

    /// <summary>Adds a mapping or pairs, then the named arguments; dict() and update() share it.</summary>
    public static Value Update(Render render, DictValue dict, Arguments arguments, string name)
    {
        if (arguments.Positional.Length > 1)
            throw new TemplateException($"{name} expected at most 1 argument, got {arguments.Positional.Length}");
        if (arguments.Positional is [DictValue other])
            foreach (var (key, value) in other.Entries.ToList())
                dict.Set(key, value);
        else if (arguments.Positional is [var pairs])
            foreach (var pair in render.Each(pairs))
                dict.Set(
                    render.ToList(pair) is [var key, _] ? key : throw new TemplateException(
                        "dictionary update sequence element has a length other than 2"),
                    render.ToList(pair)[1]);
        foreach (var (key, value) in arguments.Named)
            dict.Set(key, value);
        return NoneValue.Instance;
    }

    private static Value Self(this Arguments arguments, Value self, string name)
    {
        arguments.Only(name, 0, 0);
        return self;
    }

    private static Value Get(Render render, Value self, Arguments arguments)
    {
        var given = arguments.Only("get", 1, 2);
        return ((DictValue)self).Find(given[0]) ?? (given.Length > 1 ? given[1] : NoneValue.Instance);
    }

    private static DictValue FromKeys(Render render, Value self, Arguments arguments)
    {
        var given = arguments.Only("fromkeys", 1, 2);
        var dict = new DictValue();
        foreach (var key in render.Each(given[0]))
            dict.Set(key, given.Length > 1 ? given[1] : NoneValue.Instance);
        return dict;
    }

    private static NoneValue Clear(Render render, Value self, Arguments arguments)
    {
        ((DictValue)arguments.Self(self, "clear")).Clear();
        return NoneValue.Instance;
    }

    private static Value Pop(Render render, Value self, Arguments arguments)
    {
        var given = arguments.Only("pop", 1, 2);
        var dict = (DictValue)self;
        if (dict.Find(given[0]) is { } value)
        {
            dict.Remove(given[0]);
            return value;
        }

        return given.Length > 1 ? given[1] : throw new TemplateException($"KeyError: {Printer.Repr(render, given[0])}");
    }

    private static TupleValue PopItem(Render render, Value self, Arguments arguments)
    {
        var dict = (DictValue)arguments.Self(self, "popitem");
        if (dict.Count == 0)
            throw new TemplateException("popitem(): dictionary is empty");
        var (key, value) = dict.Last;
        dict.Remove(key);
        return new TupleValue(key, value);
    }

    private static Value SetDefault(Render render, Value self, Arguments arguments)
    {
        var given = arguments.Only("setdefault", 1, 2);
        var dict = (DictValue)self;
        if (dict.Find(given[0]) is { } value)
            return value;
        dict.Set(given[0], given.Length > 1 ? given[1] : NoneValue.Instance);
        return dict.Find(given[0])!;
    }
}

/// <summary>The methods of list, and those that tuples and ranges share.</summary>
internal static class ListMethods
{
    /// <summary>Those that the immutable sandbox of Jinja 3.1 forbids; pop and clear it lets pass.</summary>
    public static readonly HashSet<string> Mutating = ["append", "extend", "insert", "remove", "reverse", "sort"];

    public static MethodValue? Find(Value self, string name) => name switch
    {
        "append" => new(self, name, Append),
        "clear" => new(self, name, (_, s, a) => Done(a.Only("clear", 0, 0), ((ListValue)s).List.Clear)),
        "copy" => new(self, name, (r, s, a) => new ListValue(a.Only("copy", 0, 0).Length == 0 ? r.ToList(s) : [])),
        "extend" => new(self, name, Extend),
        "insert" => new(self, name, Insert),
        "pop" => new(self, name, Pop),
        "remove" => new(self, name, Remove),
        "reverse" => new(self, name, (_, s, a) => Done(a.Only("reverse", 0, 0), ((ListValue)s).List.Reverse)),
        "sort" => new(self, name, Sort),
        _ => FindImmutable(self, name),
    };

    public static MethodValue? FindImmutable(Value self, string name) => name switch
    {
        "count" => new(self, name, Count),
        "index" => new(self, name, Index),
        _ => null,
    };

    private static NoneValue Done(Value[] arguments, Action action)
    {
        if (arguments.Length == 0)
            action();
        return NoneValue.Instance;
    }

    private static NoneValue Append(Render render, Value self, Arguments arguments)
    {
        var list = ((ListValue)self).List;
        if (list.Count >= render.Limits.Items)
            render.CheckItems(list.Count + 1L);
        list.Add(arguments.Only("append", 1, 1)[0]);
        return NoneValue.Instance;
    }

    private static NoneValue Extend(Render render, Value self, Arguments arguments)
    {
        var more = render.ToList(arguments.Only("extend", 1, 1)[0]);
        render.CheckItems((long)((ListValue)self).List.Count + more.Count);
        ((ListValue)self).List.AddRange(more);
        return NoneValue.Instance;
    }

    private static NoneValue Insert(Render render, Value self, Arguments arguments)
    {
        var given = arguments.Only("insert", 2, 2);
        var list = ((ListValue)self).List;
        render.CheckItems(list.Count + 1L);
        list.Insert((int)Math.Clamp(Position(given[0], list.Count), 0, list.Count), given[1]);
        return NoneValue.Instance;
    }

    private static Value Pop(Render render, Value self, Arguments arguments)
    {
        var given = arguments.Only("pop", 0, 1);
        var list = ((ListValue)self).List;
        if (list.Count == 0)
            throw new TemplateException("pop from empty list");
        long index = given.Length == 0 ? list.Count - 1 : Position(given[0], list.Count);
        if (index < 0 || index >= list.Count)
            throw new TemplateException("pop index out of range");
        render.Charge(list.Count / 16);
        var value = list[(int)index];
        list.RemoveAt((int)index);
        return value;
    }

    private static NoneValue Remove(Render render, Value self, Arguments arguments)
    {
        var sought = arguments.Only("remove", 1, 1)[0];
        int index = ((ListValue)self).List.FindIndex(item => Comparison.AreEqual(render, item, sought));
        if (index < 0)
            throw new TemplateException("list.remove(x): x not in list");
        ((ListValue)self).List.RemoveAt(index);
        return NoneValue.Instance;
    }

    private static NoneValue Sort(Render render, Value self, Arguments arguments)
    {
        var bound = arguments.Bind("sort", ["reverse"]);
        var list = ((ListValue)self).List;
        var sorted = SortFilters.Sorted(render, [.. list], item => item, bound[0]?.IsTrue == true);
        list.Clear();
        list.AddRange(sorted);
        return NoneValue.Instance;
    }

    private static IntValue Count(Render render, Value self, Arguments arguments)
    {
        var sought = arguments.Only("count", 1, 1)[0];
        return IntValue.Of(render.Each(self).Count(item => Comparison.AreEqual(render, item, sought)));
    }

    private static IntValue Index(Render render, Value self, Arguments arguments)
    {
        var given = arguments.Only("index", 1, 3);
        var items = render.ToList(self);
        long begin = given.Length > 1 ? Math.Max(Position(given[1], items.Count), 0) : 0;
        long end = given.Length > 2 ? Math.Min(Position(given[2], items.Count), items.Count) : items.Count;
        for (long i = begin; i < end; i++)
            if (Comparison.AreEqual(render, items[(int)i], given[0]))
                return IntValue.Of(i);
        throw new TemplateException($"{Printer.Repr(render, given[0])} is not in {self.TypeName}");
    }

    private static long Position(Value value, int count)
    {
        if (!Numbers.TryInt(value, out long index))
            throw new TemplateException($"'{value.TypeName}' object cannot be interpreted as an integer");
        return index < 0 ? Math.Max(index, -int.MaxValue) + count : index;
    }
}

/// <summary>The few attributes of numbers and cyclers.</summary>
internal static class SmallMethods
{
    public static Value? Find(Value self, string name) => (self, name) switch
    {
        (CyclerValue cycler, "current") => cycler.Current,
        (CyclerValue cycler, "next") => new MethodValue(self, name, (_, _, a) => Take(a, name, cycler.Next)),
        (CyclerValue cycler, "reset") => new MethodValue(self, name, (_, _, a) => Take(a, name, () => Reset(cycler))),
        (FloatValue f, "is_integer") => new MethodValue(
            self, name, (_, _, a) => Take(a, name, () => BoolValue.Of(double.IsInteger(f.Number)))),
        (FloatValue, "real") => self,
        (IntValue or BoolValue, "real" or "numerator") => Arithmetic.Plus(self),
        (IntValue or BoolValue, "denominator") => IntValue.Of(1),
        (IntValue or BoolValue, "imag") => IntValue.Of(0),
        (FloatValue, "imag") => new FloatValue(0),
        (IntValue or BoolValue, "bit_length") => new MethodValue(self, name, (_, s, a) => Take(a, name, () => BitLength(s))),
        _ => null,
    };

    private static Value Take(Arguments arguments, string name, Func<Value> body)
    {
        arguments.Only(name, 0, 0);
        return body();
    }

    private static NoneValue Reset(CyclerValue cycler)
    {
        cycler.Reset();
        return NoneValue.Instance;
    }

    private static IntValue BitLength(Value value)
    {
        _ = Numbers.TryInt(value, out long number);
        var magnitude = Int128.Abs(number);
        return IntValue.Of(magnitude == 0 ? 0 : 1 + (int)Int128.Log2(magnitude));
    }
}
