using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

/// <summary>Finding and cutting in texts.</summary>
internal static class StringSearch
{
    public static Value Find(Render render, Value self, Arguments arguments, string name)
    {
        var given = arguments.Only(name, 1, 3);
        string text = StringMethods.Text(self), sought = StringMethods.Argument(self, given[0], name);
        var (begin, end) = Window(self, given, 1);
        render.Search(text, sought);
        int found = -1;
        if (begin <= end)
        {
            var window = text.AsSpan(begin, end - begin);
            found = name[0] == 'r'
                ? sought.Length == 0 ? window.Length : window.LastIndexOf(sought, StringComparison.Ordinal)
                : window.IndexOf(sought, StringComparison.Ordinal);
        }

        if (found < 0)
            return name.EndsWith("index", StringComparison.Ordinal)
                ? throw new TemplateException("substring not found")
                : IntValue.Of(-1);
        return IntValue.Of(StringValue.CodePoints(text.AsSpan(0, begin + found)));
    }

    public static Value Partition(Render render, Value self, Arguments arguments, string name)
    {
        var text = (StringValue)self;
        string separator = StringMethods.Argument(self, arguments.Only(name, 1, 1)[0], name);
        if (separator.Length == 0)
            throw new TemplateException("empty separator");
        render.Search(text.Text, separator);
        render.Reserve(text.Text.Length);
        int at = name == "partition"
            ? text.Text.IndexOf(separator, StringComparison.Ordinal)
            : text.Text.LastIndexOf(separator, StringComparison.Ordinal);
        if (at < 0)
            return name == "partition"
                ? new TupleValue(text, text.With(""), text.With(""))
                : new TupleValue(text.With(""), text.With(""), text);
        return new TupleValue(
            text.With(text.Text[..at]), text.With(separator), text.With(text.Text[(at + separator.Length)..]));
    }

    public static Value Split(Render render, Value self, Arguments arguments, bool fromRight)
    {
        string name = fromRight ? "rsplit" : "split";
        var bound = arguments.Bind(name, ["sep", "maxsplit"]);
        long most = -1;
        if (bound[1] is { } limit && !Numbers.TryInt(limit, out most))
            throw new TemplateException($"'{limit.TypeName}' object cannot be interpreted as an integer");
        var text = (StringValue)self;
        render.Reserve(text.Text.Length);
        List<string> parts;
        if (bound[0] is null or NoneValue)
        {
            parts = Lines.SplitAtSpaces(text.Text, most, fromRight);
        }
        else
        {
            string separator = StringMethods.Argument(self, bound[0], name);
            if (separator.Length == 0)
                throw new TemplateException("empty separator");
            render.Search(text.Text, separator);
            parts = Lines.SplitAt(text.Text, separator, most, fromRight);
        }

        render.CheckItems(parts.Count);
        return new ListValue([.. parts.Select(text.With)]);
    }

    public static Value SplitLines(Render render, Value self, Arguments arguments)
    {
        var keepEnds = arguments.Bind("splitlines", ["keepends"])[0];
        var text = (StringValue)self;
        render.Reserve(text.Text.Length);
        var lines = Lines.Split(text.Text, keepEnds?.IsTrue == true);
        render.CheckItems(lines.Count);
        return new ListValue([.. lines.Select(text.With)]);
    }

    /// <summary>The part of a text between the optional arguments start and end, in UTF-16 units.</summary>
    public static (int Begin, int End) Window(Value self, Value[] arguments, int first)
    {
        string text = StringMethods.Text(self);
        int length = arguments.Length > first ? StringValue.CodePoints(text) : 0;
        int begin = arguments.Length > first ? Position(text, length, arguments[first], 0) : 0;
        int end = arguments.Length > first + 1 ? Position(text, length, arguments[first + 1], length) : text.Length;
        return (begin, Math.Min(end, text.Length));
    }

    private static int Position(string text, int length, Value value, int missing)
    {
        long index = missing;
        if (value is not NoneValue && !Numbers.TryInt(value, out index))
            throw new TemplateException("slice indices must be integers or None or have an __index__ method");
        if (index < 0)
            index = Math.Max(index + length, 0);
        return index > length ? text.Length + 1 : StringValue.Offset(text, (int)index);
    }
}
