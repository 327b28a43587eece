namespace Causerie.Text.Templates.Syntax;

/// <summary>Numbers for the names of a template, so that looking one up compares integers.</summary>
internal sealed class Names
{
    private readonly Dictionary<string, int> _ids = [];
    private readonly Stack<HashSet<string>> _watched = new();

    public int Count => _ids.Count;

    public IEnumerable<KeyValuePair<string, int>> All => _ids;

    public int Id(string name)
    {
        if (!_ids.TryGetValue(name, out int id))
            _ids[name] = id = _ids.Count;
        return id;
    }

    /// <summary>A name that is read, which macro and loop bodies around it take note of.</summary>
    public int Use(string name)
    {
        if (name is "loop" or "caller" or "kwargs" or "varargs")
            foreach (var used in _watched)
                used.Add(name);
        return Id(name);
    }

    /// <summary>Starts to note which special names are used, until <see cref="Unwatch"/>.</summary>
    public HashSet<string> Watch()
    {
        _watched.Push([]);
        return _watched.Peek();
    }

    public void Unwatch() => _watched.Pop();
}
