using System.Buffers;

namespace Causerie.Text.Tokenizers;

/// <summary>A growing list of token ids in borrowed memory; give it back with <see cref="Dispose"/>.</summary>
internal ref struct TokenList
{
    private int[] _ids;

    /// <summary>An empty list.</summary>
    public TokenList(int capacity) => _ids = ArrayPool<int>.Shared.Rent(Math.Max(16, capacity));

    /// <summary>How many ids there are; may be set lower to drop the last ones.</summary>
    public int Count { get; set; }

    /// <summary>The ids.</summary>
    public readonly Span<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Appends an id.</summary>
    public void Add(int id)
    {
        if (Count == _ids.Length)
            Grow(1);
        _ids[Count++] = id;
    }

    /// <summary>Appends ids.</summary>
    public void AddRange(ReadOnlySpan<int> ids)
    {
        if (ids.Length > _ids.Length - Count)
            Grow(ids.Length);
        ids.CopyTo(_ids.AsSpan(Count));
        Count += ids.Length;
    }

    /// <summary>Gives the memory back.</summary>
    public readonly void Dispose() => ArrayPool<int>.Shared.Return(_ids);

    private void Grow(int more)
    {
        int[] larger = ArrayPool<int>.Shared.Rent(Math.Max(_ids.Length * 2, checked(Count + more)));
        Ids.CopyTo(larger);
        ArrayPool<int>.Shared.Return(_ids);
        _ids = larger;
    }
}
