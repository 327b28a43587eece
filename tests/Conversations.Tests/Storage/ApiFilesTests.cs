using Causerie.Conversations.Storage;

namespace Causerie.Tests;

/// <summary>Files of callers: whole or not at all, by owner, gone when they expire, nothing left behind by a kill.</summary>
public sealed class ApiFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("causerie-files-").FullName;
    private readonly ManualTime _time = new();
    private readonly ApiObjects _objects = ApiObjects.Open(null);

    private string Files => Path.Combine(_folder, "files");

    public void Dispose()
    {
        _objects.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_file_is_kept_found_read_and_deleted_by_its_owner()
    {
        using var files = ApiFiles.Open(_objects, Files, _time);
        var file = await KeepAsync(files, "ada", "hello", null);
        Assert.Equal(("a.txt", "user_data", 5L, null), (file.Name, file.Purpose, file.Bytes, file.Expires));
        Assert.Equal(file, files.Find(file.Id, "ada"));
        Assert.Null(files.Find(file.Id, "bob"));
        Assert.Empty(files.Walk("bob", null, true));
        Assert.Equal("hello", Text(files, file));
        Assert.False(files.Delete(file.Id, "bob"));
        Assert.True(files.Delete(file.Id, "ada"));
        Assert.False(files.Delete(file.Id, "ada"));
        Assert.Null(files.Read(file));
        Assert.Empty(Directory.GetFiles(Files));
    }

    [Fact]
    public async Task What_is_not_kept_leaves_nothing()
    {
        using var files = ApiFiles.Open(_objects, Files, _time);
        await using (var file = files.Begin())
            await file.Stream.WriteAsync("half"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Empty(Directory.GetFiles(Files));
        Assert.Empty(files.Walk("ada", null, true));
    }

    [Fact]
    public async Task A_file_past_its_expiry_is_found_no_more_and_swept()
    {
        using var files = ApiFiles.Open(_objects, Files, _time);
        var soon = await KeepAsync(files, "ada", "soon", TimeSpan.FromHours(1));
        var later = await KeepAsync(files, "ada", "later", TimeSpan.FromHours(2));
        var never = await KeepAsync(files, "ada", "never", null);
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(2));
        Assert.NotNull(files.Find(soon.Id, "ada"));
        _time.Advance(TimeSpan.FromMinutes(1)); // the timer sweeps
        Assert.Null(files.Find(soon.Id, "ada"));
        Assert.Equal([later.Id, never.Id], files.Walk("ada", null, true).Select(file => file.Id));
        Assert.Equal(new[] { later.Id, never.Id }.Order(), Directory.GetFiles(Files).Select(path => Path.GetFileName(path)).Order());
        _time.Advance(TimeSpan.FromHours(2)); // and again
        Assert.Equal([never.Id], Directory.GetFiles(Files).Select(path => Path.GetFileName(path)));
        Assert.Equal([never.Id], _objects.OfAll("file").Select(one => one.Id));
    }

    [Fact]
    public async Task A_restart_keeps_files_and_clears_away_what_a_kill_left_behind()
    {
        ApiFile kept, over;
        using (var files = ApiFiles.Open(_objects, Files, _time))
        {
            kept = await KeepAsync(files, "ada", "kept", null);
            over = await KeepAsync(files, "ada", "over", TimeSpan.FromHours(1));
        }

        File.WriteAllText(Path.Combine(Files, "file-1.part"), "half written");
        File.WriteAllText(Path.Combine(Files, "file-2"), "deleted but for its bytes");
        _time.Advance(TimeSpan.FromDays(1));
        using var again = ApiFiles.Open(_objects, Files, _time);
        Assert.Equal([kept.Id], Directory.GetFiles(Files).Select(path => Path.GetFileName(path)));
        Assert.Equal("kept", Text(again, kept));
        Assert.Null(again.Find(over.Id, "ada"));
    }

    [Fact]
    public async Task What_something_else_wrote_is_adopted_once()
    {
        using var files = ApiFiles.Open(_objects, Files, _time);
        string path = Path.Combine(_folder, "written");
        await File.WriteAllTextAsync(path, "output", TestContext.Current.CancellationToken);
        var file = new ApiFile(ApiFiles.NewId(), "ada", "out.jsonl", "batch_output", 0, DateTimeOffset.UnixEpoch, null);
        Assert.Equal(6, files.Adopt(path, file).Bytes);
        Assert.False(File.Exists(path));
        Assert.Equal(6, files.Adopt(path, file).Bytes);
        Assert.Equal("output", Text(files, file));
        Assert.Single(files.Walk("ada", null, true));
    }

    [Fact]
    public async Task A_temporary_folder_goes_with_the_store()
    {
        string path;
        using (var files = ApiFiles.Open(_objects, null, _time))
            path = files.Read(await KeepAsync(files, "", "x", null)) is { } bytes ? Close(bytes) : "";
        Assert.False(Directory.Exists(Path.GetDirectoryName(path)));

        static string Close(FileStream bytes)
        {
            bytes.Dispose();
            return bytes.Name;
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_by_name()
    {
        File.WriteAllText(Files, "");
        Assert.Contains(Files, Assert.Throws<StorageException>(() => ApiFiles.Open(_objects, Files, _time)).Message, StringComparison.Ordinal);
    }

    private static async Task<ApiFile> KeepAsync(ApiFiles files, string owner, string text, TimeSpan? lifetime)
    {
        await using var file = files.Begin();
        await file.Stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);
        return await file.KeepAsync(owner, "a.txt", "user_data", lifetime);
    }

    private static string Text(ApiFiles files, ApiFile file)
    {
        using var reader = new StreamReader(files.Read(file)!);
        return reader.ReadToEnd();
    }
}
