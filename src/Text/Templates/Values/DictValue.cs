namespace Causerie.Text.Templates.Values;

internal sealed class DictValue : Value
{
    private readonly OrderedDictionary<Value, Value> _entries;

    public DictValue(int capacity = 0) => _entries = new(capacity, ValueComparer.Instance);

    public DictValue(DictValue other) => _entries = new(other._entries, ValueComparer.Instance);

    public int Count => _entries.Count;

    public override string TypeName => "dict";

    public override bool IsTrue => Count > 0;

    public override int? Length => Count;

    public override IEnumerable<Value> Items => Keys;

    public override bool IsHashable => false;

    public IEnumerable<Value> Keys => Entries.Select(e => e.Key);

    public IEnumerable<Value> Values => Entries.Select(e => e.Value);

    public IEnumerable<KeyValuePair<Value, Value>> Entries
    {
        get
        {
            int count = Count;
            for (int i = 0; i < count; i++)
            {
                if (Count != count)
                    throw new TemplateException("dictionary changed size during iteration");
                yield return _entries.GetAt(i);
            }
        }
    }

    public Value? Find(Value key) =>
        !key.IsHashable ? throw Unhashable(key) : _entries.TryGetValue(key, out var value) ? value : null;

    public Value? Find(string key) => _entries.TryGetValue(new StringValue(key), out var value) ? value : null;

    public void Set(Value key, Value value)
    {
        if (!key.IsHashable)
            throw Unhashable(key);
        _entries[key] = value;
    }

    public void Set(string key, Value value) => _entries[new StringValue(key)] = value;

    public bool Remove(Value key) => key.IsHashable ? _entries.Remove(key) : throw Unhashable(key);

    public KeyValuePair<Value, Value> Last => _entries.GetAt(Count - 1);

    public void Clear() => _entries.Clear();

    private static TemplateException Unhashable(Value key) => new($"unhashable type: '{key.TypeName}'");
}

/// <summary>keys(), values() or items() of a dictionary: follows it, and is no list.</summary>
internal sealed class DictViewValue(DictValue dict, DictPart part) : Value
{
    public DictValue Dict { get; } = dict;

    public DictPart Part { get; } = part;

    public override string TypeName => Part switch
    {
        DictPart.Keys => "dict_keys",
        DictPart.Values => "dict_values",
        _ => "dict_items",
    };

    public override bool IsTrue => Dict.Count > 0;

    public override int? Length => Dict.Count;

    public override bool IsHashable => Part == DictPart.Values;

    public override IEnumerable<Value> Items => Part switch
    {
        DictPart.Keys => Dict.Keys,
        DictPart.Values => Dict.Values,
        _ => Dict.Entries.Select(e => (Value)new TupleValue(e.Key, e.Value)),
    };
}

internal enum DictPart
{
    Keys,
    Values,
    Items,
}
