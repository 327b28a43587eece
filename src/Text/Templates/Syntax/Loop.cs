using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Syntax;

internal sealed class For(
    int at, Target target, Expression items, Expression? condition, Body body, Body? otherwise, bool recursive, int loopId)
    : Statement(at)
{
    /// <summary>The number of the name <c>loop</c>, or -1 where the body does not mention it.</summary>
    private readonly int _loopId = loopId;

    public override Flow Run(in Frame frame)
    {
        var values = items.Evaluate(frame);
        frame.Render.At = At;
        return Run(frame, values, 0);
    }

    /// <summary>The text of one more level of a recursive loop.</summary>
    public StringValue Recurse(in Frame frame, Value values, int depth)
    {
        frame.Render.Enter();
        var output = new System.Text.StringBuilder();
        Run(frame.Into(output), values, depth);
        frame.Render.Leave();
        return frame.Render.Text(output);
    }

    private Flow Run(in Frame frame, Value values, int depth)
    {
        var source = values.Items ?? throw new TemplateException($"'{values.TypeName}' object is not iterable");
        if (condition is not null)
            source = Matching(frame, source);
        return _loopId >= 0 ? RunWithLoop(frame, values, source, depth) : RunPlain(frame, source);
    }

    private Flow RunPlain(in Frame frame, IEnumerable<Value> source)
    {
        var inside = frame.Inside(new Scope(frame.Scope));
        bool finished = false;
        foreach (var item in source)
        {
            var flow = Turn(inside, item);
            finished |= flow == Flow.Next;
            if (flow == Flow.Break)
                break;
        }

        return finished ? Flow.Next : RunElse(frame);
    }

    private Flow RunWithLoop(in Frame frame, Value values, IEnumerable<Value> source, int depth)
    {
        var inside = frame.Inside(new Scope(frame.Scope));
        var loop = new LoopValue(source, condition is null ? values.Length : null, depth, recursive ? this : null, frame);
        bool finished = false;
        while (loop.TryNext(out var item))
        {
            inside.Scope.Clear();
            inside.Scope.Set(_loopId, loop);
            var flow = Turn(inside, item, clear: false);
            finished |= flow == Flow.Next;
            if (flow == Flow.Break)
                break;
        }

        return finished ? Flow.Next : RunElse(frame);
    }

    private Flow Turn(in Frame inside, Value item, bool clear = true)
    {
        inside.Render.At = At;
        inside.Render.Iterate(body.Cost);
        if (clear)
            inside.Scope.Clear();
        target.Assign(inside, item);
        return body.Run(inside);
    }

    // As in Jinja: else runs where no turn came to its end, so also where break or continue left them all.
    private Flow RunElse(in Frame frame) => otherwise?.Run(frame.Inside(new Scope(frame.Scope))) ?? Flow.Next;

    private IEnumerable<Value> Matching(Frame frame, IEnumerable<Value> source)
    {
        var inside = frame.Inside(new Scope(frame.Scope));
        foreach (var item in source)
        {
            frame.Render.Iterate(1 + condition!.Height);
            inside.Scope.Clear();
            target.Assign(inside, item);
            if (condition.Evaluate(inside).IsTrue)
                yield return item;
        }
    }
}

/// <summary>The variable <c>loop</c>; it looks one item ahead to know the last one.</summary>
internal sealed class LoopValue(IEnumerable<Value> source, int? length, int depth, For? recursive, Frame frame)
    : CallableValue
{
    private readonly IEnumerator<Value> _source = source.GetEnumerator();
    private readonly Queue<Value> _ahead = new();
    private readonly Frame _frame = frame;
    private int? _length = length;
    private int _index = -1;
    private Value? _previous;
    private Value? _current;
    private Value[]? _lastChanged;

    public override string TypeName => "LoopContext";

    public override bool IsCallable => recursive is not null;

    public override int? Length => Count();

    public bool TryNext(out Value item)
    {
        item = NoneValue.Instance;
        if (!Peek())
            return false;
        item = _ahead.Dequeue();
        _previous = _current;
        _current = item;
        _index++;
        return true;
    }

    public override Value Call(Render render, Arguments arguments)
    {
        if (recursive is null)
            throw new TemplateException(
                "The loop must have the 'recursive' marker to be called recursively.");
        var items = arguments.Bind("loop", ["iterable"], 1)[0]!;
        return recursive.Recurse(_frame, items, depth + 1);
    }

    public Value? Attribute(string name) => name switch
    {
        "index" => IntValue.Of(_index + 1),
        "index0" => IntValue.Of(_index),
        "first" => BoolValue.Of(_index == 0),
        "last" => BoolValue.Of(!Peek()),
        "length" => IntValue.Of(Count()),
        "revindex" => IntValue.Of(Count() - _index),
        "revindex0" => IntValue.Of(Count() - _index - 1),
        "depth" => IntValue.Of(depth + 1),
        "depth0" => IntValue.Of(depth),
        "previtem" => _index == 0 ? new UndefinedValue("there is no previous item") : _previous,
        "nextitem" => Peek() ? _ahead.Peek() : new UndefinedValue("there is no next item"),
        "cycle" => new MethodValue(this, name, Cycle),
        "changed" => new MethodValue(this, name, Changed),
        _ => null,
    };

    public string Describe() => $"<LoopContext {_index + 1}/{Count()}>";

    private Value Cycle(Render render, Value self, Arguments arguments)
    {
        var values = arguments.Only("cycle", 0, int.MaxValue);
        return values.Length == 0
            ? throw new TemplateException("no items for cycling given")
            : values[_index % values.Length];
    }

    private BoolValue Changed(Render render, Value self, Arguments arguments)
    {
        var values = arguments.Only("changed", 0, int.MaxValue);
        if (_lastChanged is not null && Comparison.AreEqual(render, new TupleValue(_lastChanged), new TupleValue(values)))
            return BoolValue.False;
        _lastChanged = values;
        return BoolValue.True;
    }

    private bool Peek()
    {
        if (_ahead.Count > 0)
            return true;
        if (!_source.MoveNext())
            return false;
        _ahead.Enqueue(_source.Current);
        return true;
    }

    private int Count()
    {
        if (_length is { } known)
            return known;
        while (_source.MoveNext())
        {
            _frame.Render.CheckItems(_ahead.Count + 1 > _frame.Render.Limits.Items ? _ahead.Count + 1L : 1);
            _ahead.Enqueue(_source.Current);
        }

        _length = _index + 1 + _ahead.Count;
        return _length.Value;
    }
}
