using Causerie.Inference.KvCache;

namespace Causerie.Inference.Tests.KvCache;

/// <summary>Whoever begins alike gets the pages, whoever does not gets none, and no page is lost.</summary>
public sealed class PrefixCacheTests : IDisposable
{
    private const int Pages = 24;

    private readonly PagePool _pool = new(new KvShape(1, 1, 4, 4, KvElement.F16, 1024), Pages);
    private readonly PrefixCache _cache;

    public PrefixCacheTests() => _cache = new PrefixCache(_pool);

    [Fact]
    public void A_prompt_that_begins_alike_shares_whole_pages_and_copies_the_rest()
    {
        int[] tokens = Tokens(200);
        int[] kept = Keep("", tokens);
        var table = new BlockTable(_pool);
        Assert.Equal(170, _cache.Match("", [.. tokens[..170], 7, 8], table));
        Assert.Equal(kept[..2], table.Pages[..2].ToArray());
        Assert.Equal(3, table.Pages.Length);
        Assert.NotEqual(kept[2], table.Pages[2]);
        table.Clear();
        Clean(4);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(64, 63)]
    [InlineData(65, 64)]
    [InlineData(200, 199)]
    public void The_last_token_is_always_computed(int length, int known)
    {
        Keep("", Tokens(200));
        var table = new BlockTable(_pool);
        Assert.Equal(known, _cache.Match("", Tokens(length), table));
        Assert.InRange(table.Capacity, known, known + 64);
        table.Clear();
        Clean(4);
    }

    [Fact]
    public void Other_scopes_and_other_beginnings_know_nothing()
    {
        int[] tokens = Tokens(100);
        Keep("one", tokens);
        var table = new BlockTable(_pool);
        Assert.Equal(0, _cache.Match("two", tokens, table));
        Assert.Equal(0, _cache.Match("", tokens, table));
        Assert.Equal(0, _cache.Match("one", [9999, .. tokens], table));
        Assert.Equal(99, _cache.Match("one", tokens, table));
    }

    [Fact]
    public void A_page_that_is_still_written_to_is_not_shared()
    {
        int[] tokens = Tokens(100);
        var writer = Table(100);
        _cache.Insert("", tokens, writer, ended: false);
        var table = new BlockTable(_pool);
        Assert.Equal(64, _cache.Match("", tokens, table));
        table.Clear();
        writer.Clear();
        Clean(1);
    }

    [Fact]
    public void The_same_tokens_are_kept_once_and_their_sequences_share_them()
    {
        int[] tokens = Tokens(130);
        BlockTable first = Table(130), second = Table(130);
        _cache.Insert("", tokens, first, ended: false);
        _cache.Insert("", tokens, second, ended: false);
        Assert.Equal(first.Pages[..2].ToArray(), second.Pages[..2].ToArray());
        Assert.NotEqual(first.Pages[2], second.Pages[2]);
        Assert.Equal(2, _cache.Count);
        first.Clear();
        second.Clear();
        Clean(2);
    }

    [Fact]
    public void What_goes_on_longer_takes_the_place_of_its_beginning()
    {
        Keep("", Tokens(70));
        Keep("", Tokens(90));
        Assert.Equal(2, _cache.Count);
        Keep("", Tokens(80));
        Assert.Equal(2, _cache.Count);
        Assert.Equal(89, _cache.Match("", Tokens(90), new BlockTable(_pool)));
    }

    [Fact]
    public void The_page_used_longest_ago_goes_first_and_none_before_those_that_follow_it()
    {
        int[] old = Tokens(150, seed: 1), young = Tokens(150, seed: 2);
        Keep("old", old);
        Keep("young", young);
        _cache.Match("old", old, new BlockTable(_pool)); // holds two pages and a copy
        _cache.Evict(Pages - 7 + 2);
        var table = new BlockTable(_pool);
        Assert.Equal(64, _cache.Match("young", young, table)); // its last two pages went
        table.Clear();
        _cache.Evict(Pages);
        Assert.Equal(0, _cache.Match("young", young, table));
        Assert.Equal(128, _cache.Match("old", old, table)); // somebody reads them
    }

    [Fact]
    public void Random_traffic_loses_no_page_and_knows_no_more_than_it_was_told()
    {
        var random = new Random(5);
        var kept = new HashSet<string>();
        for (int i = 0; i < 3000; i++)
        {
            string scope = random.Next(2).ToString(System.Globalization.CultureInfo.InvariantCulture);
            int[] tokens = [.. Tokens(random.Next(1, 200), random.Next(3)), .. Tokens(random.Next(0, 80), random.Next(5))];
            var table = new BlockTable(_pool);
            int known = _cache.Match(scope, tokens, table);
            Assert.InRange(known, 0, tokens.Length - 1);
            Assert.True(known == 0 || kept.Contains(Key(scope, tokens.AsSpan(0, known))));
            Assert.InRange(table.Capacity, known, known + 63);
            _cache.Evict(Math.Max(0, (tokens.Length / 64) + 1 - table.Pages.Length));
            Assert.True(table.TryReserve(tokens.Length));
            if (random.Next(3) > 0)
            {
                _cache.Insert(scope, tokens, table, ended: true);
                for (int n = 1; n <= tokens.Length; n++)
                    kept.Add(Key(scope, tokens.AsSpan(0, n)));
            }

            table.Clear();
            Assert.Equal(Pages, _pool.Free + _pool.Idle);
            Assert.Equal(_cache.Count, _pool.Idle);
        }

        _cache.Evict(Pages);
        Clean(0);

        static string Key(string scope, ReadOnlySpan<int> tokens) => $"{scope} {string.Join(' ', tokens.ToArray())}";
    }

    public void Dispose() => _pool.Dispose();

    private static int[] Tokens(int count, int seed = 0) => [.. Enumerable.Range(0, count).Select(i => (i * 31) + (seed * 7))];

    private BlockTable Table(int positions)
    {
        var table = new BlockTable(_pool);
        Assert.True(table.TryReserve(positions));
        return table;
    }

    private int[] Keep(string scope, int[] tokens)
    {
        var table = Table(tokens.Length);
        int[] pages = table.Pages.ToArray();
        _cache.Insert(scope, tokens, table, ended: true);
        table.Clear();
        return pages;
    }

    private void Clean(int kept)
    {
        Assert.Equal(kept, _cache.Count);
        Assert.Equal((Pages - kept, kept), (_pool.Free, _pool.Idle));
    }
}
