using System.Runtime.CompilerServices;

namespace Causerie.Text.Templates.Values;

internal sealed class ListValue(List<Value> list) : Value
{
    public List<Value> List { get; } = list;

    public override string TypeName => "list";

    public override bool IsTrue => List.Count > 0;

    public override int? Length => List.Count;

    public override IEnumerable<Value> Items => Live();

    public override bool IsHashable => false;

    // By index, as Python does: a loop sees what is appended or popped while it runs.
    private IEnumerable<Value> Live()
    {
        for (int i = 0; i < List.Count; i++)
            yield return List[i];
    }
}

internal sealed class TupleValue : Value
{
    // A key made of shared halves could cost exponential time to compare, so large ones are no keys.
    private const int MaxKeyWeight = 10_000;

    private readonly int _hash;
    private readonly long _weight = 1;
    private readonly bool _hashable = true;

    public TupleValue(params Value[] elements)
    {
        Elements = elements;
        var hash = new HashCode();
        foreach (var element in elements)
        {
            _weight += element is TupleValue tuple ? tuple._weight : 1;
            _hashable &= element.IsHashable;
            if (_hashable && _weight <= MaxKeyWeight)
                hash.Add(ValueComparer.Instance.GetHashCode(element));
        }

        _weight = Math.Min(_weight, MaxKeyWeight + 1);
        _hashable &= _weight <= MaxKeyWeight;
        Depth = 1 + elements.Max(e => (e as TupleValue)?.Depth) ?? 1;
        _hashable &= Depth < 100;
        _hash = hash.ToHashCode();
    }

    public Value[] Elements { get; }

    public int Depth { get; }

    /// <summary>Whether groupby made it, so that its halves answer to grouper and list.</summary>
    public bool IsGroup { get; init; }

    public override string TypeName => "tuple";

    public override bool IsTrue => Elements.Length > 0;

    public override int? Length => Elements.Length;

    public override IEnumerable<Value> Items => Elements;

    public override bool IsHashable => _hashable;

    public int Hash => _hash;
}

internal sealed class RangeValue(long start, long step, int count) : Value
{
    public long Start { get; } = start;

    public long Step { get; } = step;

    public int Count { get; } = count;

    public long Stop { get; init; } = unchecked(start + (step * count));

    public override string TypeName => "range";

    public override bool IsTrue => Count > 0;

    public override int? Length => Count;

    public override IEnumerable<Value> Items => Enumerable.Range(0, Count).Select(i => (Value)IntValue.Of(At(i)));

    public long At(int index) => unchecked(Start + (Step * index));

    public bool Contains(long number)
    {
        long distance = unchecked(number - Start);
        return Count > 0 && distance % Step == 0 && distance / Step >= 0 && distance / Step < Count;
    }
}

/// <summary>Items computed on demand and only once, as Python's generators are.</summary>
internal sealed class GeneratorValue(string name, IEnumerable<Value> source) : Value
{
    private readonly IEnumerator<Value> _source = source.GetEnumerator();
    private bool _running;

    public string Name { get; } = name;

    public override string TypeName => Name;

    public override IEnumerable<Value> Items => Rest();

    public bool TryNext(out Value value)
    {
        if (_running)
            throw new TemplateException($"{Name} already executing");
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TemplateException("Filters nest too deeply.");
        _running = true;
        try
        {
            bool any = _source.MoveNext();
            value = any ? _source.Current : NoneValue.Instance;
            return any;
        }
        finally
        {
            _running = false;
        }
    }

    private IEnumerable<Value> Rest()
    {
        while (TryNext(out var value))
            yield return value;
    }
}
