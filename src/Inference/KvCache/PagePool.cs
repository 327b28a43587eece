using Causerie.Compute.Kernels;

namespace Causerie.Inference.KvCache;

/// <summary>The pages of keys and values of an engine: how many hold each, and which are free.</summary>
/// <remarks>
/// Whole pages are given, of one size, so that nothing fragments; their memory is asked for once. A page is held by the
/// sequences that read it and by the <see cref="PrefixCache"/>; who was the last to let go frees it.
/// </remarks>
internal sealed class PagePool : IDisposable
{
    private readonly int[] _holders; // [pages]
    private readonly bool[] _cached; // [pages] whether the prefix cache is one of them
    private readonly int[] _free; // [pages], the first Free of them; the last one freed is the next to be given

    /// <summary>Free pages.</summary>
    /// <param name="shape">Shape of the cache.</param>
    /// <param name="count">How many; at least 1.</param>
    /// <exception cref="OutOfMemoryException">The system has not so much memory.</exception>
    public PagePool(KvShape shape, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Memory = shape.NewPages(count);
        _holders = new int[count];
        _cached = new bool[count];
        _free = new int[count];
        for (int i = 0; i < count; i++)
            _free[i] = count - 1 - i;
        Free = count;
    }

    /// <summary>The keys and values.</summary>
    public KvPages Memory { get; }

    /// <summary>Pages in all.</summary>
    public int Count => _holders.Length;

    /// <summary>Pages that nobody holds.</summary>
    public int Free { get; private set; }

    /// <summary>Pages that the prefix cache alone holds: they are free as soon as somebody needs them.</summary>
    public int Idle { get; private set; }

    /// <summary>A free page, held once; false where there is none.</summary>
    public bool TryRent(out int page)
    {
        page = -1;
        if (Free == 0)
            return false;
        page = _free[--Free];
        _holders[page] = 1;
        return true;
    }

    /// <summary>One more holds a page.</summary>
    public void Hold(int page)
    {
        if (_holders[page]++ == 1 && _cached[page])
            Idle--;
    }

    /// <summary>One fewer holds a page.</summary>
    public void Release(int page)
    {
        if (--_holders[page] == 0)
            _free[Free++] = page;
        else if (_holders[page] == 1 && _cached[page])
            Idle++;
    }

    /// <summary>The prefix cache holds a page that somebody else holds, too.</summary>
    public void Keep(int page)
    {
        Hold(page);
        _cached[page] = true;
    }

    /// <summary>The prefix cache lets go of a page.</summary>
    public void Forget(int page)
    {
        if (IsIdle(page))
            Idle--;
        _cached[page] = false;
        Release(page);
    }

    /// <summary>Whether the prefix cache alone holds a page.</summary>
    public bool IsIdle(int page) => _cached[page] && _holders[page] == 1;

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => Memory.Dispose();
}
