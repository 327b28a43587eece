using Causerie.Conversations.Storage;
using Microsoft.Data.Sqlite;

namespace Causerie.Tests;

/// <summary>What the APIs keep: durable, by owner, all or nothing, and never in another program's file.</summary>
public sealed class ApiObjectsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("causerie-objects-").FullName;

    private string File => Path.Combine(_folder, "objects.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Objects_are_kept_listed_and_forgotten_by_owner(bool inMemory)
    {
        using var objects = ApiObjects.Open(inMemory ? null : File);
        objects.Put([.. Enumerable.Range(0, 5).Select(i => Made($"o{i}", i % 2 == 0 ? "ada" : "bob"))]);
        Assert.Equal("""{"v":"o2"}""", objects.Find("k", "o2", "ada")!.Json);
        Assert.Null(objects.Find("k", "o2", "bob"));
        Assert.Null(objects.Find("other", "o2", "ada"));
        Assert.Equal(["o0", "o2", "o4"], objects.List("k", "ada", null, 9, ascending: true).Select(one => one.Id));
        Assert.Equal(["o2", "o0"], objects.List("k", "ada", "o4", 9, ascending: false).Select(one => one.Id));
        Assert.Equal(["o2"], objects.List("k", "ada", "o0", 1, ascending: true).Select(one => one.Id));
        Assert.False(objects.Delete("k", "o2", "bob"));
        Assert.True(objects.Delete("k", "o2", "ada"));
        objects.DeleteAll("k", "ada");
        Assert.Empty(objects.List("k", "ada", null, 9, ascending: true));
        Assert.Equal(2, objects.List("k", "bob", null, 9, ascending: true).Count);
    }

    [Fact]
    public void A_change_keeps_the_place_and_nobody_changes_anothers()
    {
        using var objects = ApiObjects.Open(null);
        objects.Put(Made("a", "ada"), Made("b", "ada"));
        objects.Put(Made("a", "ada") with { Json = "{}" });
        Assert.Equal(["a", "b"], objects.List("k", "ada", null, 9, ascending: true).Select(one => one.Id));
        Assert.Equal("{}", objects.Find("k", "a", "ada")!.Json);
        objects.Put(Made("a", "bob") with { Json = "[]" });
        Assert.Equal("{}", objects.Find("k", "a", "ada")!.Json);
        Assert.Null(objects.Find("k", "a", "bob"));
    }

    [Fact]
    public void A_restart_loses_nothing()
    {
        using (var objects = ApiObjects.Open(File))
            objects.Put(Made("a", "ada"));
        using (var objects = ApiObjects.Open(File))
            Assert.NotNull(objects.Find("k", "a", "ada"));
    }

    [Theory]
    [InlineData("CREATE TABLE other (x)", "another program")]
    [InlineData("PRAGMA user_version = 99", "newer Causerie")]
    public void Files_of_others_are_refused(string statement, string complaint)
    {
        using (var db = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            db.Open();
            using var command = db.CreateCommand();
            command.CommandText = statement;
            command.ExecuteNonQuery();
        }

        Assert.Contains(complaint, Assert.Throws<StorageException>(() => ApiObjects.Open(File)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        System.IO.File.WriteAllText(File, new string('x', 5000));
        Assert.Throws<StorageException>(() => ApiObjects.Open(File));
    }

    private static ApiObject Made(string id, string owner) =>
        new("k", id, owner, DateTimeOffset.UnixEpoch, $$"""{"v":"{{id}}"}""");
}
