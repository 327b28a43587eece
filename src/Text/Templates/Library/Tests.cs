using System.Collections.Frozen;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Syntax;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

internal delegate bool Test(Render render, Value value, Arguments arguments);

/// <summary>What may follow <c>is</c>.</summary>
internal static class Tests
{
    private static readonly FrozenDictionary<string, Test> All = new Dictionary<string, Test>
    {
        ["boolean"] = Plain(v => v is BoolValue),
        ["callable"] = Plain(v => v.IsCallable || v is UndefinedValue),
        ["defined"] = Plain(v => v is not UndefinedValue),
        ["divisibleby"] = (r, v, a) => !Arithmetic.Modulo(r, v, a.Bind("divisibleby", ["num"], 1)[0]!).IsTrue,
        ["eq"] = Compared("=="),
        ["equalto"] = Compared("=="),
        ["=="] = Compared("=="),
        ["ne"] = Compared("!="),
        ["!="] = Compared("!="),
        ["gt"] = Compared(">"),
        ["greaterthan"] = Compared(">"),
        [">"] = Compared(">"),
        ["ge"] = Compared(">="),
        [">="] = Compared(">="),
        ["lt"] = Compared("<"),
        ["lessthan"] = Compared("<"),
        ["<"] = Compared("<"),
        ["le"] = Compared("<="),
        ["<="] = Compared("<="),
        ["in"] = (r, v, a) => Comparison.Contains(r, a.Bind("in", ["seq"], 1)[0]!, v),
        ["escaped"] = Plain(v => v is StringValue { IsMarkup: true }),
        ["even"] = (r, v, a) => Modulo2(r, v, a, "even") == 0,
        ["odd"] = (r, v, a) => Modulo2(r, v, a, "odd") == 1,
        ["false"] = Plain(v => v is BoolValue { Flag: false }),
        ["true"] = Plain(v => v is BoolValue { Flag: true }),
        ["filter"] = (_, v, a) => Named(v, a, "filter") is { } name && Filters.Find(name) is not null,
        ["test"] = (_, v, a) => Named(v, a, "test") is { } name && Find(name) is not null,
        ["float"] = Plain(v => v is FloatValue),
        ["integer"] = Plain(v => v is IntValue),
        ["number"] = Plain(v => v is IntValue or FloatValue or BoolValue),
        ["iterable"] = Plain(v => v.Items is not null),
        ["sequence"] = Plain(v =>
            v is StringValue or ListValue or TupleValue or DictValue or RangeValue or UndefinedValue),
        ["mapping"] = Plain(v => v is DictValue),
        ["string"] = Plain(v => v is StringValue),
        ["none"] = Plain(v => v is NoneValue),
        ["undefined"] = Plain(v => v is UndefinedValue),
        ["sameas"] = (r, v, a) => IsSame(v, a.Bind("sameas", ["other"], 1)[0]!),
        ["lower"] = (r, v, a) => IsCase(r, v, a, "islower"),
        ["upper"] = (r, v, a) => IsCase(r, v, a, "isupper"),
    }.ToFrozenDictionary();

    public static Test? Find(string name) => All.GetValueOrDefault(name);

    private static Test Plain(Func<Value, bool> holds) => (_, value, arguments) =>
    {
        if (arguments.Positional.Length + arguments.Named.Length > 0)
            arguments.Bind("test", []);
        return holds(value);
    };

    private static Test Compared(string symbol) => (render, value, arguments) =>
        Compare.Holds(render, symbol, value, arguments.Bind("test", ["other"], 1)[0]!);

    private static long Modulo2(Render render, Value value, Arguments arguments, string name)
    {
        arguments.Bind(name, []);
        var rest = Arithmetic.Modulo(render, value, IntValue.Of(2));
        return Numbers.TryDouble(rest, out double number) && Numbers.TryExactLong(number, out long whole) ? whole : -1;
    }

    private static string? Named(Value value, Arguments arguments, string test)
    {
        arguments.Bind(test, []);
        if (!value.IsHashable)
            throw new TemplateException($"unhashable type: '{value.TypeName}'");
        return (value as StringValue)?.Text;
    }

    private static bool IsSame(Value value, Value other) => ReferenceEquals(value, other) || (value, other) switch
    {
        (IntValue a, IntValue b) => a.Number == b.Number && a.Number is >= -5 and <= 256,
        (StringValue a, StringValue b) => a.Text == b.Text && a.Text.Length <= 1,
        _ => false,
    };

    private static bool IsCase(Render render, Value value, Arguments arguments, string method)
    {
        arguments.Bind(method, []);
        var text = new StringValue(Printer.Str(render, value));
        return ((CallableValue)StringMethods.Find(text, method)!).Call(render, Arguments.None).IsTrue;
    }
}
