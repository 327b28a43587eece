using Causerie.Text.Templates.Runtime;

namespace Causerie.Text.Templates.Values;

/// <summary>What may be called from a template.</summary>
internal abstract class CallableValue : Value
{
    public override bool IsCallable => true;

    public abstract Value Call(Render render, Arguments arguments);
}

/// <summary>A global function, such as range.</summary>
internal sealed class FunctionValue(string name, Func<Render, Arguments, Value> body) : CallableValue
{
    public string Name { get; } = name;

    public override string TypeName => "function";

    public override Value Call(Render render, Arguments arguments) => body(render, arguments);
}

/// <summary>A method taken from a value, such as <c>text.strip</c>.</summary>
internal sealed class MethodValue(Value self, string name, Func<Render, Value, Arguments, Value> body) : CallableValue
{
    public Value Self { get; } = self;

    public string Name { get; } = name;

    public override string TypeName => "builtin_function_or_method";

    public override Value Call(Render render, Arguments arguments)
    {
        render.Read(Self);
        if (arguments.Positional.Length > 0)
            render.Read(arguments.Positional[0]);
        return body(render, Self, arguments);
    }
}

/// <summary>What namespace() makes: the one thing whose attributes a template may set.</summary>
internal sealed class NamespaceValue(DictValue attributes) : Value
{
    public DictValue Attributes { get; } = attributes;

    public override string TypeName => "Namespace";
}

/// <summary>What cycler(…) makes.</summary>
internal sealed class CyclerValue(Value[] items) : Value
{
    private int _position;

    public override string TypeName => "Cycler";

    public Value Current => items[_position];

    public Value Next()
    {
        var current = Current;
        _position = (_position + 1) % items.Length;
        return current;
    }

    public void Reset() => _position = 0;
}

/// <summary>What joiner(…) makes: nothing on the first call, the separator on every later one.</summary>
internal sealed class JoinerValue(Value separator) : CallableValue
{
    private bool _used;

    public override string TypeName => "Joiner";

    public override Value Call(Render render, Arguments arguments)
    {
        arguments.Bind("Joiner.__call__", []);
        if (_used)
            return separator;
        _used = true;
        return StringValue.Empty;
    }
}
