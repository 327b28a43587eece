using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Runtime;

/// <summary>Names of one block, by the numbers that the parser gave them; unknown ones are sought outwards.</summary>
internal sealed class Scope(Scope? parent)
{
    private readonly Scope? _parent = parent;
    private int[] _names = [];
    private Value[] _values = [];
    private int _count;
    private Value?[]? _direct;

    /// <summary>The outermost scope, indexed by name.</summary>
    public static Scope Root(int names) => new(null) { _direct = new Value?[names] };

    public Value? Find(int name)
    {
        for (var scope = this; scope is not null; scope = scope._parent)
        {
            if (scope._direct is { } direct)
                return direct[name];
            int at = scope._names.AsSpan(0, scope._count).IndexOf(name);
            if (at >= 0)
                return scope._values[at];
        }

        return null;
    }

    public void Set(int name, Value value)
    {
        if (_direct is not null)
        {
            _direct[name] = value;
            return;
        }

        int at = _names.AsSpan(0, _count).IndexOf(name);
        if (at < 0)
        {
            if (_count == _names.Length)
            {
                Array.Resize(ref _names, Math.Max(4, _count * 2));
                Array.Resize(ref _values, _names.Length);
            }

            at = _count++;
            _names[at] = name;
        }

        _values[at] = value;
    }

    /// <summary>Forgets all names, for the next turn of a loop.</summary>
    public void Clear() => _count = 0;
}
