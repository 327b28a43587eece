using System.Text;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Syntax;

/// <summary>Part of a template that gives a value. Each node runs itself; the tree is shared by all renderings.</summary>
internal abstract class Expression(int at, int height)
{
    /// <summary>Offset in the source.</summary>
    public int At { get; } = at;

    /// <summary>Levels of nodes below, which bounds the stack that evaluation takes.</summary>
    public int Height { get; } = height;

    public abstract Value Evaluate(in Frame frame);

    public string Text(in Frame frame) => Printer.Str(frame.Render, Evaluate(frame));
}

/// <summary>Part of a template that does something.</summary>
internal abstract class Statement(int at)
{
    public int At { get; } = at;

    public abstract Flow Run(in Frame frame);
}

/// <summary>How a statement ended.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}

/// <summary>Statements in a row; <paramref name="Cost"/> is about the number of nodes in them.</summary>
internal sealed record Body(Statement[] Statements, int Cost)
{
    public Flow Run(in Frame frame)
    {
        foreach (var statement in Statements)
        {
            var flow = statement.Run(frame);
            if (flow != Flow.Next)
                return flow;
        }

        return Flow.Next;
    }

    /// <summary>Runs the body for its text; null where a break or continue left it.</summary>
    public StringValue? Capture(in Frame frame, out Flow flow)
    {
        var output = new StringBuilder();
        flow = Run(frame.Into(output));
        return flow == Flow.Next ? frame.Render.Text(output) : null;
    }
}

internal sealed class Literal(int at, Value value) : Expression(at, 1)
{
    public Value Value => value;

    public override Value Evaluate(in Frame frame) => value;
}

internal sealed class NameReference(int at, string name, int id) : Expression(at, 1)
{
    public string Name => name;

    public int Id => id;

    public override Value Evaluate(in Frame frame) =>
        frame.Scope.Find(id) ?? new UndefinedValue($"{Printer.Quote(name)} is undefined");
}

internal sealed class ListLiteral(int at, int height, Expression[] items, bool tuple) : Expression(at, height)
{
    public Expression[] Items => items;

    public bool IsTuple => tuple;

    public override Value Evaluate(in Frame frame)
    {
        var values = new Value[items.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = items[i].Evaluate(frame);
        return tuple ? new TupleValue(values) : new ListValue([.. values]);
    }
}

internal sealed class DictLiteral(int at, int height, (Expression Key, Expression Value)[] entries) : Expression(at, height)
{
    public override Value Evaluate(in Frame frame)
    {
        var dict = new DictValue(entries.Length);
        foreach (var (key, value) in entries)
        {
            var evaluated = key.Evaluate(frame);
            frame.Render.At = At;
            dict.Set(evaluated, value.Evaluate(frame));
        }

        return dict;
    }
}

internal sealed class AttributeAccess(int at, int height, Expression target, string name) : Expression(at, height)
{
    public override Value Evaluate(in Frame frame)
    {
        var value = target.Evaluate(frame);
        frame.Render.At = At;
        return Lookup.Attribute(frame.Render, value, name);
    }
}

internal sealed class ItemAccess(int at, int height, Expression target, Expression key) : Expression(at, height)
{
    public override Value Evaluate(in Frame frame)
    {
        var value = target.Evaluate(frame);
        var index = key.Evaluate(frame);
        frame.Render.At = At;
        return Lookup.Item(frame.Render, value, index);
    }
}

internal sealed class SliceAccess(
    int at, int height, Expression target, Expression? start, Expression? stop, Expression? step) : Expression(at, height)
{
    public override Value Evaluate(in Frame frame)
    {
        var value = target.Evaluate(frame);
        var from = start?.Evaluate(frame);
        var to = stop?.Evaluate(frame);
        var by = step?.Evaluate(frame);
        frame.Render.At = At;
        return Lookup.Slice(frame.Render, value, from, to, by);
    }
}

internal sealed class Conditional(int at, int height, Expression condition, Expression then, Expression? otherwise)
    : Expression(at, height)
{
    public override Value Evaluate(in Frame frame)
    {
        if (condition.Evaluate(frame).IsTrue)
            return then.Evaluate(frame);
        return otherwise?.Evaluate(frame) ?? new UndefinedValue(
            "the inline if-expression evaluated to false and no else section was defined.");
    }
}
