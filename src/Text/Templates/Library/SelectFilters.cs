using System.Globalization;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

/// <summary>map, select and their kin: lazy, as generators are.</summary>
internal static class SelectFilters
{
    public static Value Map(Render render, Value value, Arguments arguments) =>
        new GeneratorValue("generator", Mapped(render, value, arguments));

    public static Value Select(Render render, Value value, Arguments arguments, bool byAttribute, bool keep) =>
        new GeneratorValue("generator", Selected(render, value, arguments, byAttribute, keep));

    private static IEnumerable<Value> Mapped(Render render, Value value, Arguments arguments)
    {
        if (!value.IsTrue)
            yield break;
        var transform = Transform(render, arguments);
        foreach (var item in render.Each(value))
            yield return transform(item);
    }

    private static Func<Value, Value> Transform(Render render, Arguments arguments)
    {
        if (arguments.Positional.Length == 0 && arguments.Named.Any(n => n.Key == "attribute"))
        {
            var bound = arguments.Bind("map", ["attribute", "default"]);
            var path = AttributePath.Of(bound[0], bound[1]);
            return item => path.Get(render, item);
        }

        if (arguments.Positional.Length == 0)
            throw new TemplateException("map requires a filter argument");
        string name = Printer.Str(render, arguments.Positional[0]);
        var filter = Filters.Find(name) ?? throw new TemplateException($"No filter named {Printer.Quote(name)}.");
        var rest = arguments.Skip(1);
        return item =>
        {
            render.Read(item);
            return filter(render, item, rest);
        };
    }

    private static IEnumerable<Value> Selected(
        Render render, Value value, Arguments arguments, bool byAttribute, bool keep)
    {
        if (!value.IsTrue)
            yield break;
        var path = AttributePath.Of(null);
        if (byAttribute)
        {
            if (arguments.Positional.Length == 0)
                throw new TemplateException("Missing parameter for attribute name");
            path = AttributePath.Of(arguments.Positional[0]);
            arguments = arguments.Skip(1);
        }

        Func<Value, bool> holds = item => item.IsTrue;
        if (arguments.Positional.Length > 0)
        {
            string name = Printer.Str(render, arguments.Positional[0]);
            var test = Tests.Find(name) ?? throw new TemplateException($"No test named {Printer.Quote(name)}.");
            var rest = arguments.Skip(1);
            holds = item =>
            {
                render.Read(item);
                return test(render, item, rest);
            };
        }

        foreach (var item in render.Each(value))
            if (holds(path.Get(render, item)) == keep)
                yield return item;
    }
}

/// <summary>What filters call an attribute: a name, a number, or several joined by dots.</summary>
internal readonly struct AttributePath
{
    private readonly Value[] _parts;
    private readonly Value? _fallback;

    private AttributePath(Value[] parts, Value? fallback)
    {
        _parts = parts;
        _fallback = fallback;
    }

    public static AttributePath Of(Value? attribute, Value? fallback = null) => attribute switch
    {
        null or NoneValue => new([], fallback),
        StringValue path => new([.. path.Text.Split('.').Select(Part)], fallback),
        _ => new([attribute], fallback),
    };

    /// <summary>Several paths, separated by commas.</summary>
    public static AttributePath[] Several(Value? attribute) => attribute is StringValue paths
        ? [.. paths.Text.Split(',').Select(path => Of(new StringValue(path)))]
        : [Of(attribute)];

    public Value Get(Render render, Value value)
    {
        foreach (var part in _parts)
        {
            value = Lookup.Item(render, value, part);
            if (value is UndefinedValue && _fallback is not (null or NoneValue))
                value = _fallback;
        }

        return value;
    }

    private static Value Part(string part) =>
        part.Length > 0 && part.All(char.IsAsciiDigit)
        && long.TryParse(part, CultureInfo.InvariantCulture, out long index)
            ? IntValue.Of(index)
            : new StringValue(part);
}
