using Causerie.Inference.KvCache;

namespace Causerie.Inference.Tests.KvCache;

/// <summary>Every page is held by somebody or free, and never both.</summary>
public sealed class PagePoolTests : IDisposable
{
    private readonly PagePool _pool = new(new KvShape(1, 1, 4, 4, KvElement.F16, 256), 5);

    [Fact]
    public void Pages_are_given_once_until_they_come_back()
    {
        var pages = new HashSet<int>();
        while (_pool.TryRent(out int page))
            Assert.True(pages.Add(page));
        Assert.Equal(5, pages.Count);
        Assert.Equal(0, _pool.Free);
        _pool.Hold(3);
        _pool.Release(3);
        Assert.Equal(0, _pool.Free);
        _pool.Release(3);
        Assert.True(_pool.TryRent(out int again));
        Assert.Equal(3, again);
    }

    [Fact]
    public void A_page_that_the_prefix_cache_alone_holds_is_idle()
    {
        Assert.True(_pool.TryRent(out int page));
        _pool.Keep(page);
        Assert.Equal(0, _pool.Idle);
        _pool.Release(page);
        Assert.True(_pool.IsIdle(page));
        Assert.Equal((4, 1), (_pool.Free, _pool.Idle));
        _pool.Hold(page);
        Assert.Equal((4, 0), (_pool.Free, _pool.Idle));
        _pool.Release(page);
        _pool.Forget(page);
        Assert.Equal((5, 0), (_pool.Free, _pool.Idle));
    }

    [Fact]
    public void A_table_takes_what_there_is_and_gives_all_back()
    {
        var table = new BlockTable(_pool);
        Assert.True(table.TryReserve(65));
        Assert.Equal(128, table.Capacity);
        Assert.True(table.TryReserve(3));
        Assert.False(table.TryReserve(6 * 64));
        Assert.Equal(0, _pool.Free);
        Assert.Equal(5, table.Pages.ToArray().Distinct().Count());
        table.Clear();
        Assert.Equal(5, _pool.Free);
        Assert.Equal(0, table.Capacity);
    }

    public void Dispose() => _pool.Dispose();
}
