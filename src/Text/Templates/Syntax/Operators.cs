using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Syntax;

/// <summary>Operators of one precedence from left to right; flat, so that a long sum takes no stack.</summary>
internal sealed class Arithmetics(int at, int height, Expression first, Operation[] rest) : Expression(at, height)
{
    public override Value Evaluate(in Frame frame)
    {
        var value = first.Evaluate(frame);
        foreach (var operation in rest)
        {
            var right = operation.Operand.Evaluate(frame);
            frame.Render.At = operation.At;
            value = operation.Apply(frame.Render, value, right);
        }

        return value;
    }
}

internal sealed record Operation(int At, Func<Render, Value, Value, Value> Apply, Expression Operand);

internal sealed class Unary(int at, int height, Expression operand, Func<Value, Value> operation)
    : Expression(at, height)
{
    public override Value Evaluate(in Frame frame)
    {
        var value = operand.Evaluate(frame);
        frame.Render.At = At;
        return operation(value);
    }
}

internal sealed class Not(int at, int height, Expression operand) : Expression(at, height)
{
    public override Value Evaluate(in Frame frame) => BoolValue.Of(!operand.Evaluate(frame).IsTrue);
}

/// <summary><c>and</c> and <c>or</c>, which give one of their operands.</summary>
internal sealed class Logical(int at, int height, Expression[] operands, bool any) : Expression(at, height)
{
    public override Value Evaluate(in Frame frame)
    {
        for (int i = 0; i < operands.Length - 1; i++)
        {
            var value = operands[i].Evaluate(frame);
            if (value.IsTrue == any)
                return value;
        }

        return operands[^1].Evaluate(frame);
    }
}

/// <summary><c>~</c>: the operands' texts in a row.</summary>
internal sealed class Concatenation(int at, int height, Expression[] parts) : Expression(at, height)
{
    public override Value Evaluate(in Frame frame)
    {
        var texts = new string[parts.Length];
        long length = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            texts[i] = parts[i].Text(frame);
            length += texts[i].Length;
        }

        frame.Render.At = At;
        frame.Render.Reserve(length);
        return new StringValue(string.Concat(texts));
    }
}

/// <summary>A chain of comparisons, such as <c>1 &lt; x &lt;= 3</c>; each operand is evaluated at most once.</summary>
internal sealed class Compare(int at, int height, Expression first, (string Symbol, Expression Operand)[] rest)
    : Expression(at, height)
{
    public override Value Evaluate(in Frame frame)
    {
        var left = first.Evaluate(frame);
        foreach (var (symbol, operand) in rest)
        {
            var right = operand.Evaluate(frame);
            frame.Render.At = At;
            if (!Holds(frame.Render, symbol, left, right))
                return BoolValue.False;
            left = right;
        }

        return BoolValue.True;
    }

    public static bool Holds(Render render, string symbol, Value left, Value right) => symbol switch
    {
        "==" => Comparison.AreEqual(render, left, right),
        "!=" => !Comparison.AreEqual(render, left, right),
        "in" => Comparison.Contains(render, right, left),
        "not in" => !Comparison.Contains(render, right, left),
        "<" => Comparison.Order(render, left, right, symbol) < 0,
        "<=" => Comparison.Order(render, left, right, symbol) <= 0,
        ">" => Comparison.Order(render, left, right, symbol) > 0,
        _ => Comparison.Order(render, left, right, symbol) >= 0,
    };
}

/// <summary>The arguments as written at a call.</summary>
internal sealed record CallArguments(
    Expression[] Positional, (string Name, Expression Value)[] Named, Expression? MorePositional, Expression? MoreNamed)
{
    public static readonly CallArguments Empty = new([], [], null, null);

    public int Height { get; init; }

    public Arguments Evaluate(in Frame frame)
    {
        if (Positional.Length == 0 && Named.Length == 0 && MorePositional is null && MoreNamed is null)
            return Arguments.None;
        var positional = new Value[Positional.Length];
        for (int i = 0; i < positional.Length; i++)
            positional[i] = Positional[i].Evaluate(frame);
        if (MorePositional is not null)
            positional = [.. positional, .. frame.Render.ToList(MorePositional.Evaluate(frame))];
        var named = Named.Length == 0 ? [] : new KeyValuePair<string, Value>[Named.Length];
        for (int i = 0; i < named.Length; i++)
            named[i] = new(Named[i].Name, Named[i].Value.Evaluate(frame));
        if (MoreNamed is not null)
            named = [.. named, .. Spread(MoreNamed.Evaluate(frame), Named)];
        return new Arguments(positional, named);
    }

    private static IEnumerable<KeyValuePair<string, Value>> Spread(Value value, (string Name, Expression)[] named)
    {
        if (value is not DictValue dict)
            throw new TemplateException($"argument after ** must be a mapping, not {value.TypeName}");
        foreach (var (key, item) in dict.Entries)
        {
            if (key is not StringValue name)
                throw new TemplateException("keywords must be strings");
            if (named.Any(n => n.Name == name.Text))
                throw new TemplateException($"got multiple values for keyword argument '{name.Text}'");
            yield return new(name.Text, item);
        }
    }
}

internal sealed class Call(int at, int height, Expression target, CallArguments arguments) : Expression(at, height)
{
    public override Value Evaluate(in Frame frame) => Invoke(frame, null);

    /// <summary>Calls with the body of a call block as <c>caller</c>.</summary>
    public Value Invoke(in Frame frame, MacroValue? caller)
    {
        var callee = target.Evaluate(frame);
        var given = arguments.Evaluate(frame);
        if (caller is not null)
            given = new Arguments(given.Positional, [.. given.Named, new("caller", caller)]);
        frame.Render.At = At;
        Undefined.Reject(callee);
        return callee is CallableValue callable
            ? callable.Call(frame.Render, given)
            : throw new TemplateException($"'{callee.TypeName}' object is not callable");
    }
}

/// <summary><c>value|filter</c>; without an operand in a filter block, which passes its text.</summary>
internal sealed class FilterCall(
    int at, int height, Expression? operand, string name, Library.Filter? filter, CallArguments arguments)
    : Expression(at, height)
{
    public override Value Evaluate(in Frame frame) => Apply(frame, StringValue.Empty);

    public static Value Read(Render render, Value value)
    {
        render.Read(value);
        return value;
    }

    public Value Apply(in Frame frame, Value text)
    {
        var value = operand switch
        {
            null => text,
            FilterCall inner => inner.Apply(frame, text),
            _ => operand.Evaluate(frame),
        };
        var given = arguments.Evaluate(frame);
        frame.Render.At = At;
        return filter is null
            ? throw new TemplateException($"No filter named {Printer.Quote(name)} found.")
            : filter(frame.Render, Read(frame.Render, value), given);
    }
}

/// <summary><c>value is test</c></summary>
internal sealed class TestCall(
    int at, int height, Expression operand, string name, Library.Test? test, CallArguments arguments)
    : Expression(at, height)
{
    public override Value Evaluate(in Frame frame)
    {
        var value = operand.Evaluate(frame);
        var given = arguments.Evaluate(frame);
        frame.Render.At = At;
        return test is null
            ? throw new TemplateException($"No test named {Printer.Quote(name)} found.")
            : BoolValue.Of(test(frame.Render, FilterCall.Read(frame.Render, value), given));
    }
}
