using System.Text;
using Causerie.Host.Models;

namespace Causerie.Host.Tests.Models;

public sealed class ModelPullTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly HubServer _server = new();
    private readonly List<string> _notes = [];
    private readonly byte[] _model = Bytes(300_000);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Place => _folder["owner", "model", "m-Q4_K_M.gguf"];

    private HubOptions Options => new()
    {
        BaseUrl = new Uri(_server.Address + "/"),
        FirstDelay = TimeSpan.FromMilliseconds(1),
        LongestDelay = TimeSpan.FromMilliseconds(5),
        IdleTimeout = TimeSpan.FromSeconds(5),
        Attempts = 4,
    };

    public ValueTask InitializeAsync()
    {
        _server.Files["m-Q4_K_M.gguf"] = _model;
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_file_arrives_whole_and_under_its_name()
    {
        await PullAsync();
        Assert.Equal(_model, await File.ReadAllBytesAsync(Place, Cancel));
        Assert.False(File.Exists(Place + ".part"));
        Assert.Empty(_notes);
    }

    [Fact]
    public async Task A_second_pull_fetches_nothing()
    {
        await PullAsync();
        await PullAsync();
        Assert.Single(_server.Downloads);
    }

    [Fact]
    public async Task A_cut_connection_goes_on_where_it_stopped()
    {
        int cuts = 0;
        var offsets = new List<int?>();
        _server.Misbehave = (path, head) =>
        {
            if (!path.Contains("/resolve/", StringComparison.Ordinal))
                return null;
            offsets.Add(HubServer.Offset(head));
            var whole = HubServer.Serve(_model, head);
            return ++cuts > 6 ? whole : whole with { Body = whole.Body[..40_000], Length = whole.Body.Length };
        };
        await PullAsync();
        Assert.Equal(_model, await File.ReadAllBytesAsync(Place, Cancel));
        Assert.Equal([null, 40_000, 80_000, 120_000, 160_000, 200_000, 240_000], offsets);
        Assert.Equal(6, _notes.Count);
        Assert.All(_notes, note => Assert.Contains("cut", note, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_gives_nothing_is_given_up_and_what_came_is_kept()
    {
        int connections = 0;
        _server.Misbehave = (path, head) => !path.Contains("/resolve/", StringComparison.Ordinal) ? null
            : ++connections == 1 ? new Reply(200, _model[..1000]) { Length = _model.Length }
            : new Reply(206, [], $"Content-Range: bytes 1000-{_model.Length - 1}/{_model.Length}")
            {
                Length = _model.Length - 1000,
            };
        var e = await Assert.ThrowsAsync<HubException>(PullAsync);
        Assert.Contains("1000 of 300000 bytes", e.Message);
        Assert.Equal(1000, new FileInfo(Place + ".part").Length);
        Assert.False(File.Exists(Place));

        _server.Misbehave = (_, _) => null;
        await PullAsync();
        Assert.Equal(_model, await File.ReadAllBytesAsync(Place, Cancel));
        Assert.Contains("Range: bytes=1000-", _server.Requests.Last().Head);
    }

    [Fact]
    public async Task A_silent_connection_counts_as_cut()
    {
        int connections = 0;
        _server.Misbehave = (path, head) => path.Contains("/resolve/", StringComparison.Ordinal) && ++connections == 1
            ? new Reply(200, _model[..5000]) { Length = _model.Length, Silent = true } : null;
        await PullAsync(Options with { IdleTimeout = TimeSpan.FromMilliseconds(300) });
        Assert.Equal(_model, await File.ReadAllBytesAsync(Place, Cancel));
        Assert.Contains("silent", Assert.Single(_notes));
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_sends_it_all_again()
    {
        await PartAsync(_model[..100_000]);
        _server.Misbehave = (path, _) =>
            path.Contains("/resolve/", StringComparison.Ordinal) ? new Reply(200, _model) : null;
        await PullAsync();
        Assert.Equal(_model, await File.ReadAllBytesAsync(Place, Cancel));
    }

    [Fact]
    public async Task A_range_from_another_place_is_refused()
    {
        await PartAsync(_model[..100_000]);
        _server.Misbehave = (path, _) => path.Contains("/resolve/", StringComparison.Ordinal)
            ? new Reply(206, _model[50_000..], $"Content-Range: bytes 50000-299999/300000") : null;
        Assert.Contains("from 50000", (await Assert.ThrowsAsync<HubException>(PullAsync)).Message);
    }

    [Fact]
    public async Task A_part_of_other_bytes_is_found_out_and_deleted()
    {
        await PartAsync(new byte[100_000]);
        var e = await Assert.ThrowsAsync<InvalidDataException>(PullAsync);
        Assert.Contains(HubServer.Sha256(_model), e.Message);
        Assert.Contains("deleted", e.Message);
        Assert.False(File.Exists(Place + ".part"));
        Assert.False(File.Exists(Place));

        await PullAsync();
        Assert.Equal(_model, await File.ReadAllBytesAsync(Place, Cancel));
    }

    [Fact]
    public async Task A_part_longer_than_the_file_is_begun_anew()
    {
        await PartAsync(new byte[400_000]);
        await PullAsync();
        Assert.Equal(_model, await File.ReadAllBytesAsync(Place, Cancel));
    }

    [Fact]
    public async Task A_whole_part_needs_only_its_name()
    {
        await PartAsync(_model);
        await PullAsync();
        Assert.Equal(_model, await File.ReadAllBytesAsync(Place, Cancel));
        Assert.Empty(_server.Downloads);
    }

    [Fact]
    public async Task A_false_hash_is_found_out()
    {
        _server.Misbehave = (path, _) => path.Contains("/api/", StringComparison.Ordinal)
            ? new Reply(200, Encoding.UTF8.GetBytes(_server.Tree(hashOf: _ => new string('a', 64)))) : null;
        var e = await Assert.ThrowsAsync<InvalidDataException>(PullAsync);
        Assert.Contains("SHA-256", e.Message);
        Assert.False(File.Exists(Place) || File.Exists(Place + ".part"));
    }

    [Theory]
    [InlineData(-1000)]
    [InlineData(+1000)]
    public async Task A_false_size_is_found_out(int error)
    {
        _server.Misbehave = (path, _) => path.Contains("/api/", StringComparison.Ordinal)
            ? new Reply(200, Encoding.UTF8.GetBytes(_server.Tree(sizeOf: bytes => bytes.Length + error))) : null;
        var e = await Assert.ThrowsAsync<HubException>(PullAsync);
        Assert.Contains("300000", e.Message);
        Assert.False(File.Exists(Place));
    }

    [Fact]
    public async Task A_server_without_lengths_that_sends_too_much_is_stopped()
    {
        await PartAsync(_model[..1000]);
        _server.Misbehave = (path, _) => path.Contains("/resolve/", StringComparison.Ordinal)
            ? new Reply(206, new byte[_model.Length], "Content-Range: bytes 1000-300999/*") : null;
        Assert.Contains("sends more", (await Assert.ThrowsAsync<HubException>(PullAsync)).Message);
        Assert.False(File.Exists(Place));
    }

    [Theory]
    [InlineData("[{\"type\":\"file\"}]")]
    [InlineData("{\"error\":\"x\"}")]
    [InlineData("<html>")]
    [InlineData("[{\"type\":\"file\",\"path\":\"m.gguf\",\"size\":-1}]")]
    [InlineData("[{\"type\":\"file\",\"path\":\"m.gguf\",\"size\":5,\"lfs\":{\"size\":5,\"oid\":\"zz\"}}]")]
    [InlineData("[{\"type\":\"file\",\"path\":\"m.gguf\",\"size\":99999999999999999999}]")]
    public async Task A_nonsensical_listing_is_refused(string body)
    {
        _server.Misbehave = (_, _) => new Reply(200, Encoding.UTF8.GetBytes(body));
        Assert.Contains("list of files", (await Assert.ThrowsAsync<HubException>(PullAsync)).Message);
    }

    [Fact]
    public async Task A_path_that_leads_out_of_the_folder_is_refused()
    {
        _server.Files.Clear();
        _server.Files["../../../evil.gguf"] = _model;
        await Assert.ThrowsAsync<InvalidDataException>(PullAsync);
        Assert.Empty(_server.Downloads);
    }

    [Fact]
    public async Task A_token_goes_to_the_hub_and_not_to_the_store_that_it_redirects_to()
    {
        await using var store = new HubServer();
        store.Misbehave = (_, head) => HubServer.Serve(_model, head);
        _server.Misbehave = (path, _) => path.Contains("/resolve/", StringComparison.Ordinal)
            ? new Reply(302, [], $"Location: {store.Address}/blob?sig=1") : null;
        await PullAsync(Options with { Token = "hf_secret" });
        Assert.Equal(_model, await File.ReadAllBytesAsync(Place, Cancel));
        Assert.All(_server.Requests, request => Assert.Contains("Authorization: Bearer hf_secret", request.Head));
        Assert.DoesNotContain("hf_secret", Assert.Single(store.Requests).Head);
    }

    [Fact]
    public async Task A_relative_redirect_is_followed_and_an_endless_one_is_not()
    {
        _server.Misbehave = (path, head) => path == "/elsewhere" ? HubServer.Serve(_model, head)
            : path.Contains("/resolve/", StringComparison.Ordinal) ? new Reply(307, [], "Location: /elsewhere") : null;
        await PullAsync();
        Assert.True(File.Exists(Place));
        File.Delete(Place);
        _server.Misbehave = (path, _) => path.Contains("/api/", StringComparison.Ordinal)
            ? null : new Reply(302, [], "Location: /again");
        Assert.Contains("without end", (await Assert.ThrowsAsync<HubException>(PullAsync)).Message);
    }

    [Theory]
    [InlineData(401, "HF_TOKEN")]
    [InlineData(403, "licence")]
    [InlineData(404, "spelling")]
    [InlineData(418, "418")]
    public async Task A_refusal_says_what_to_do_and_is_not_repeated(int status, string advice)
    {
        _server.Misbehave = (_, _) => new Reply(status, []);
        Assert.Contains(advice, (await Assert.ThrowsAsync<HubException>(PullAsync)).Message);
        Assert.Single(_server.Requests);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Trouble_is_tried_again(int status)
    {
        int requests = 0;
        _server.Misbehave = (_, _) => ++requests % 2 == 1 ? new Reply(status, [], "Retry-After: 1") : null;
        await PullAsync();
        Assert.Equal(_model, await File.ReadAllBytesAsync(Place, Cancel));
    }

    [Fact]
    public async Task Endless_trouble_is_given_up()
    {
        _server.Misbehave = (_, _) => new Reply(429, []);
        Assert.Contains("fewer requests", (await Assert.ThrowsAsync<HubException>(PullAsync)).Message);
        Assert.Equal(4, _server.Requests.Count);
    }

    [Fact]
    public async Task A_hub_that_is_not_there_is_named()
    {
        await _server.DisposeAsync();
        Assert.Contains("127.0.0.1 cannot be reached", (await Assert.ThrowsAsync<HubException>(PullAsync)).Message);
    }

    [Fact]
    public async Task A_long_listing_is_read_page_by_page()
    {
        string next = $"{_server.Address}/api/models/owner/model/tree/main?cursor=2";
        _server.Misbehave = (path, _) => path.Contains("cursor", StringComparison.Ordinal)
            ? new Reply(200, Encoding.UTF8.GetBytes(_server.Tree()))
            : path.Contains("/api/", StringComparison.Ordinal)
                ? new Reply(200, "[]"u8.ToArray(), $"Link: <{next}>; rel=\"next\"")
                : null;
        await PullAsync();
        Assert.True(File.Exists(Place));
        _server.Misbehave = (_, _) =>
            new Reply(200, "[]"u8.ToArray(), "Link: <http://elsewhere.invalid/x>; rel=\"next\"");
        Assert.Contains("same hub", (await Assert.ThrowsAsync<HubException>(PullAsync)).Message);
    }

    [Fact]
    public async Task All_parts_of_a_split_model_are_fetched()
    {
        _server.Files.Clear();
        byte[][] parts = [Bytes(1000), Bytes(2000), Bytes(3000)];
        for (int i = 0; i < 3; i++)
            _server.Files[$"Q4_K_M/m-Q4_K_M-0000{i + 1}-of-00003.gguf"] = parts[i];
        var files = await PullAsync();
        Assert.Equal(3, files.Count);
        for (int i = 0; i < 3; i++)
            Assert.Equal(parts[i], await File.ReadAllBytesAsync(files[i], Cancel));
    }

    [Fact]
    public async Task A_full_disk_is_noticed_before_the_first_byte()
    {
        var e = await Assert.ThrowsAsync<IOException>(() => PullAsync(Options, free: 200_000));
        Assert.Contains("needs 300 kB", e.Message);
        Assert.Empty(_server.Downloads);
    }

    [Fact]
    public async Task Two_pulls_at_once_fetch_once()
    {
        var gate = new TaskCompletionSource();
        var first = PullAsync(Options, hold: gate.Task);
        while (!_server.Downloads.Any())
            await Task.Delay(5, Cancel);
        var second = PullAsync();
        while (!_notes.Any(note => note.Contains("waiting", StringComparison.Ordinal)))
            await Task.Delay(5, Cancel);
        gate.SetResult();
        await Task.WhenAll(first, second);
        Assert.Single(_server.Downloads);
        Assert.Equal(_model, await File.ReadAllBytesAsync(Place, Cancel));
    }

    [Fact]
    public async Task An_interrupt_keeps_what_came()
    {
        using var stop = new CancellationTokenSource();
        _server.Misbehave = (path, _) => path.Contains("/resolve/", StringComparison.Ordinal)
            ? new Reply(200, _model[..70_000]) { Length = _model.Length, Silent = true } : null;
        var pull = PullAsync(Options, interrupt: stop);
        while (!File.Exists(Place + ".part") || new FileInfo(Place + ".part").Length < 70_000)
            await Task.Delay(5, Cancel);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pull);
        Assert.Equal(_model[..70_000], await File.ReadAllBytesAsync(Place + ".part", Cancel));
    }

    [Fact]
    public async Task A_damaged_file_is_found_by_verifying()
    {
        await PullAsync();
        byte[] damaged = [.. _model];
        damaged[7] ^= 1;
        await File.WriteAllBytesAsync(Place, damaged, Cancel);
        await PullAsync();
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => PullAsync(Options, verify: true));
        Assert.Contains("Delete it", e.Message);
    }

    private static byte[] Bytes(int count)
    {
        // A linear congruential generator: repeatable and without a pattern that a shifted resume would hide in.
        byte[] bytes = new byte[count];
        uint state = (uint)count;
        for (int i = 0; i < count; i++)
            bytes[i] = (byte)((state = (state * 1664525) + 1013904223) >> 24);
        return bytes;
    }

    private async Task PartAsync(byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Place)!);
        await File.WriteAllBytesAsync(Place + ".part", bytes, Cancel);
    }

    private Task<IReadOnlyList<string>> PullAsync() => PullAsync(Options);

    private async Task<IReadOnlyList<string>> PullAsync(
        HubOptions options, long free = long.MaxValue, bool verify = false, Task? hold = null,
        CancellationTokenSource? interrupt = null)
    {
        using var hub = new HubClient(options, TimeProvider.System);
        var pull = new ModelPull(hub, options, TimeProvider.System, _folder.Path) { FreeSpace = _ => free };
        var name = HubName.Parse("owner/model");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel, interrupt?.Token ?? default);
        var (_, model) = await pull.FindAsync(name, stop.Token);
        return await Task.Run(
            async () => await pull.FetchAsync(name, model, verify, new Notes(_notes, hold), stop.Token), stop.Token);
    }

    private sealed class Notes(List<string> notes, Task? hold) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value)
        {
            // Progress is reported between two reads, so holding it here holds the download.
            hold?.GetAwaiter().GetResult();
            lock (notes)
            {
                if (value.Note is not null)
                    notes.Add(value.Note);
            }
        }
    }
}
