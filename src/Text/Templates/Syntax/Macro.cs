using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Syntax;

/// <summary>What a macro takes and does; also the shape of a call block's body.</summary>
/// <param name="Name">The macro's name.</param>
/// <param name="Parameters">Names as written, with their numbers.</param>
/// <param name="Defaults">The defaults of the last parameters.</param>
/// <param name="Body">What it prints.</param>
internal sealed record MacroDefinition(
    string Name, (string Name, int Id)[] Parameters, Expression[] Defaults, Body Body)
{
    /// <summary>Number of the name caller, kwargs or varargs where the body mentions it, else -1.</summary>
    public int CallerId { get; init; } = -1;

    /// <inheritdoc cref="CallerId"/>
    public int KwargsId { get; init; } = -1;

    /// <inheritdoc cref="CallerId"/>
    public int VarargsId { get; init; } = -1;

    public bool DeclaresCaller => Parameters.Any(p => p.Name == "caller");
}

internal sealed class Macro(int at, MacroDefinition definition, int id) : Statement(at)
{
    public override Flow Run(in Frame frame)
    {
        frame.Scope.Set(id, new MacroValue(definition, frame.Scope));
        return Flow.Next;
    }
}

/// <summary><c>{% call(…) macro(…) %}…{% endcall %}</c></summary>
internal sealed class CallBlock(int at, Call call, MacroDefinition body) : Statement(at)
{
    public override Flow Run(in Frame frame)
    {
        var result = call.Invoke(frame, new MacroValue(body, frame.Scope));
        string text = Printer.Str(frame.Render, result);
        frame.Render.At = At;
        frame.Render.Append(frame.Output, text);
        return Flow.Next;
    }
}

/// <summary>A macro with the names that surround it.</summary>
internal sealed class MacroValue(MacroDefinition definition, Scope closure) : CallableValue
{
    public string Name => definition.Name;

    public override string TypeName => "Macro";

    public override Value Call(Render render, Arguments arguments)
    {
        render.Enter();
        render.Iterate(definition.Body.Cost);
        var scope = new Scope(closure);
        var output = new System.Text.StringBuilder();
        Bind(new Frame(render, scope, output), arguments);
        definition.Body.Run(new Frame(render, scope, output));
        render.Leave();
        return render.Text(output);
    }

    public Value? Attribute(string name) => name switch
    {
        "name" => new StringValue(Name),
        "arguments" => new TupleValue([.. definition.Parameters.Select(p => new StringValue(p.Name))]),
        "caller" => BoolValue.Of(definition.CallerId >= 0 || definition.DeclaresCaller),
        "catch_kwargs" => BoolValue.Of(definition.KwargsId >= 0),
        "catch_varargs" => BoolValue.Of(definition.VarargsId >= 0),
        _ => null,
    };

    private void Bind(in Frame frame, Arguments arguments)
    {
        var parameters = definition.Parameters;
        var named = new List<KeyValuePair<string, Value>>(arguments.Named);
        int given = Math.Min(arguments.Positional.Length, parameters.Length);
        for (int i = 0; i < given; i++)
            frame.Scope.Set(parameters[i].Id, arguments.Positional[i]);
        if (definition.CallerId >= 0 && !definition.DeclaresCaller)
            frame.Scope.Set(
                definition.CallerId, Take(named, "caller") ?? new UndefinedValue("No caller defined"));
        for (int i = given; i < parameters.Length; i++)
            BindMissing(frame, i, Take(named, parameters[i].Name));
        BindRest(frame, arguments.Positional, named);
    }

    private void BindMissing(in Frame frame, int index, Value? value)
    {
        var (name, id) = definition.Parameters[index];
        int fromEnd = definition.Parameters.Length - index;
        if (value is null && fromEnd <= definition.Defaults.Length)
            value = definition.Defaults[^fromEnd].Evaluate(frame);
        frame.Scope.Set(id, value ?? new UndefinedValue($"parameter {Printer.Quote(name)} was not provided"));
    }

    private void BindRest(in Frame frame, Value[] positional, List<KeyValuePair<string, Value>> named)
    {
        if (definition.KwargsId >= 0)
        {
            var kwargs = new DictValue(named.Count);
            foreach (var (name, value) in named)
                kwargs.Set(name, value);
            frame.Scope.Set(definition.KwargsId, kwargs);
        }
        else if (named.Count > 0)
        {
            throw new TemplateException(
                $"macro {Printer.Quote(Name)} takes no keyword argument {Printer.Quote(named[0].Key)}");
        }

        if (definition.VarargsId >= 0)
            frame.Scope.Set(definition.VarargsId, new TupleValue([.. positional.Skip(definition.Parameters.Length)]));
        else if (positional.Length > definition.Parameters.Length)
            throw new TemplateException(
                $"macro {Printer.Quote(Name)} takes not more than {definition.Parameters.Length} argument(s)");
    }

    private static Value? Take(List<KeyValuePair<string, Value>> named, string name)
    {
        int index = named.FindIndex(n => n.Key == name);
        if (index < 0)
            return null;
        var value = named[index].Value;
        named.RemoveAt(index);
        return value;
    }
}
