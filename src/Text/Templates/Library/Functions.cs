using System.Collections.Frozen;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

/// <summary>The global functions: Jinja's own and those that transformers adds.</summary>
internal static class Functions
{
    private static readonly FrozenDictionary<string, FunctionValue> All = new FunctionValue[]
    {
        new("range", Range),
        new("dict", Dict),
        new("namespace", (render, arguments) => new NamespaceValue(Dict(render, arguments))),
        new("cycler", Cycler),
        new("joiner", (_, arguments) => new JoinerValue(arguments.Bind("joiner", ["sep"])[0] ?? new StringValue(", "))),
        new("raise_exception", (render, arguments) => throw new TemplateException(
            Printer.Str(render, arguments.Bind("raise_exception", ["message"], 1)[0]!))),
        new("strftime_now", (render, arguments) => render.Text(DateText.Format(
            render, render.Now, arguments.Bind("strftime_now", ["format"], 1)[0]!))),
        new("lipsum", (_, _) => throw new TemplateException("The function 'lipsum' is not supported in chat templates.")),
    }.ToFrozenDictionary(f => f.Name);

    public static FunctionValue? Find(string name) => All.GetValueOrDefault(name);

    private static DictValue Dict(Render render, Arguments arguments)
    {
        var dict = new DictValue();
        DictMethods.Update(render, dict, arguments, "dict");
        return dict;
    }

    private static CyclerValue Cycler(Render render, Arguments arguments)
    {
        var items = arguments.Only("cycler", 0, int.MaxValue);
        return items.Length > 0
            ? new CyclerValue(items)
            : throw new TemplateException("at least one item has to be provided");
    }

    private static RangeValue Range(Render render, Arguments arguments)
    {
        var given = arguments.Only("range", 1, 3);
        var numbers = new long[given.Length];
        for (int i = 0; i < given.Length; i++)
            if (!Numbers.TryInt(given[i], out numbers[i]))
                throw new TemplateException($"'{given[i].TypeName}' object cannot be interpreted as an integer");
        Int128 start = numbers.Length > 1 ? numbers[0] : 0;
        Int128 stop = numbers.Length > 1 ? numbers[1] : numbers[0];
        Int128 step = numbers.Length > 2 ? numbers[2] : 1;
        if (step == 0)
            throw new TemplateException("range() arg 3 must not be zero");
        var count = step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
        count = Int128.Max(count, 0);
        if (count > render.Limits.Range)
            throw new TemplateException(
                $"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({render.Limits.Range}).");
        return new RangeValue((long)start, (long)step, (int)count) { Stop = (long)stop };
    }
}
