using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Syntax;

internal sealed class TextOutput(int at, string text) : Statement(at)
{
    public override Flow Run(in Frame frame)
    {
        frame.Render.At = At;
        frame.Render.Append(frame.Output, text);
        return Flow.Next;
    }
}

internal sealed class ExpressionOutput(int at, Expression expression) : Statement(at)
{
    public override Flow Run(in Frame frame)
    {
        string text = expression.Text(frame);
        frame.Render.At = At;
        frame.Render.Append(frame.Output, text);
        return Flow.Next;
    }
}

internal sealed class If(int at, (Expression Condition, Body Body)[] branches, Body? otherwise) : Statement(at)
{
    public override Flow Run(in Frame frame)
    {
        foreach (var (condition, body) in branches)
            if (condition.Evaluate(frame).IsTrue)
                return body.Run(frame);
        return otherwise?.Run(frame) ?? Flow.Next;
    }
}

internal sealed class Jump(int at, Flow flow) : Statement(at)
{
    public override Flow Run(in Frame frame) => flow;
}

internal sealed class Assignment(int at, Target target, Expression value) : Statement(at)
{
    public override Flow Run(in Frame frame)
    {
        var evaluated = value.Evaluate(frame);
        frame.Render.At = At;
        target.Assign(frame, evaluated);
        return Flow.Next;
    }
}

/// <summary><c>{% set name %}…{% endset %}</c></summary>
internal sealed class BlockAssignment(int at, Target target, FilterCall? filter, Body body) : Statement(at)
{
    public override Flow Run(in Frame frame)
    {
        var text = body.Capture(frame.Inside(new Scope(frame.Scope)), out var flow);
        if (text is null)
            return flow;
        var value = filter is null ? text : filter.Apply(frame, text);
        frame.Render.At = At;
        target.Assign(frame, value);
        return Flow.Next;
    }
}

internal sealed class FilterBlock(int at, FilterCall filter, Body body) : Statement(at)
{
    public override Flow Run(in Frame frame)
    {
        var text = body.Capture(frame.Inside(new Scope(frame.Scope)), out var flow);
        if (text is null)
            return flow;
        string filtered = Printer.Str(frame.Render, filter.Apply(frame, text));
        frame.Render.At = At;
        frame.Render.Append(frame.Output, filtered);
        return Flow.Next;
    }
}

internal sealed class With(int at, (Target Target, Expression Value)[] assignments, Body body) : Statement(at)
{
    public override Flow Run(in Frame frame)
    {
        var inside = frame.Inside(new Scope(frame.Scope));
        foreach (var (target, value) in assignments)
            target.Assign(inside, value.Evaluate(frame));
        return body.Run(inside);
    }
}

/// <summary>The generation tag of transformers: marks what the model wrote, prints it unchanged.</summary>
internal sealed class Generation(int at, Body body) : Statement(at)
{
    public override Flow Run(in Frame frame) => body.Run(frame.Inside(new Scope(frame.Scope)));
}

/// <summary>What can stand left of an equals sign.</summary>
internal abstract class Target
{
    public abstract void Assign(in Frame frame, Value value);
}

internal sealed class NameTarget(int id) : Target
{
    public override void Assign(in Frame frame, Value value) => frame.Scope.Set(id, value);
}

internal sealed class NamespaceTarget(int id, string attribute) : Target
{
    public override void Assign(in Frame frame, Value value)
    {
        if (frame.Scope.Find(id) is not NamespaceValue ns)
            throw new TemplateException("cannot assign attribute on non-namespace object");
        ns.Attributes.Set(attribute, value);
    }
}

internal sealed class TupleTarget(Target[] targets) : Target
{
    public override void Assign(in Frame frame, Value value)
    {
        if (value.Items is not { } items)
            throw new TemplateException($"cannot unpack non-iterable {value.TypeName} object");
        int count = 0;
        foreach (var item in items)
        {
            if (count == targets.Length)
                throw new TemplateException($"too many values to unpack (expected {targets.Length})");
            targets[count++].Assign(frame, item);
        }

        if (count < targets.Length)
            throw new TemplateException($"not enough values to unpack (expected {targets.Length}, got {count})");
    }
}
