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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Thousands_are_walked_through_in_both_orders(bool ascending)
    {
        using var objects = ApiObjects.Open(null);
        objects.Put([.. Enumerable.Range(0, 5000).Select(i => Made($"o{i}", i % 2 == 0 ? "ada" : "bob"))]);
        string[] ofAda = [.. Enumerable.Range(0, 2500).Select(i => $"o{2 * i}")];
        if (!ascending)
            Array.Reverse(ofAda);
        Assert.Equal(ofAda, objects.Walk("k", "ada", null, ascending).Select(one => one.Id));
        Assert.Equal(ofAda[101..], objects.Walk("k", "ada", ofAda[100], ascending).Select(one => one.Id));
        Assert.Empty(objects.Walk("k", "ada", ofAda[^1], ascending));
        Assert.Empty(objects.Walk("k", "ada", "o1", ascending)); // bob's
    }

    [Fact]
    public void A_walk_goes_on_where_it_was_though_what_it_met_is_deleted()
    {
        using var objects = ApiObjects.Open(null);
        objects.Put([.. Enumerable.Range(0, 350).Select(i => Made($"o{i}", "ada"))]);
        var met = new List<string>();
        foreach (var one in objects.Walk("k", "ada", null, ascending: true))
        {
            met.Add(one.Id);
            objects.Delete("k", one.Id, "ada");
        }

        Assert.Equal(Enumerable.Range(0, 350).Select(i => $"o{i}"), met);
    }

    [Fact]
    public void A_restart_loses_nothing()
    {
        using (var objects = ApiObjects.Open(File))
            objects.Put(Made("a", "ada"));
        using (var objects = ApiObjects.Open(File))
            Assert.NotNull(objects.Find("k", "a", "ada"));
    }

    [Fact]
    public void A_database_of_the_first_version_is_brought_to_this_one()
    {
        Raw(
            """
            CREATE TABLE object (
                number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, owner TEXT NOT NULL,
                created INTEGER NOT NULL, json TEXT NOT NULL, UNIQUE (kind, id));
            CREATE INDEX object_owner ON object (kind, owner, number);
            INSERT INTO object (kind, id, owner, created, json) VALUES ('k', 'a', 'ada', 7, '{}');
            PRAGMA application_id = 1130447183; PRAGMA user_version = 1;
            """);
        var over = DateTimeOffset.FromUnixTimeSeconds(9);
        using (var objects = ApiObjects.Open(File))
        {
            Assert.Equal(new ApiObject("k", "a", "ada", DateTimeOffset.FromUnixTimeSeconds(7), "{}"), objects.Find("k", "a", "ada"));
            objects.Put(Made("b", "ada") with { Expires = over }, Made("c", "bob"));
        }

        using var again = ApiObjects.Open(File);
        Assert.Empty(again.Expired("k", over.AddSeconds(-1)));
        Assert.Equal("b", Assert.Single(again.Expired("k", over)).Id);
        Assert.Equal(["a", "b", "c"], again.OfAll("k").Select(one => one.Id));
    }

    [Theory]
    [InlineData("CREATE TABLE other (x)", "another program")]
    [InlineData("PRAGMA user_version = 99", "newer Causerie")]
    public void Files_of_others_are_refused(string statement, string complaint)
    {
        Raw(statement);
        Assert.Contains(complaint, Assert.Throws<StorageException>(() => ApiObjects.Open(File)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        System.IO.File.WriteAllText(File, new string('x', 5000));
        Assert.Throws<StorageException>(() => ApiObjects.Open(File));
    }

    private void Raw(string sql)
    {
        using var db = new SqliteConnection($"Data Source={File};Pooling=False");
        db.Open();
        using var command = db.CreateCommand();
#pragma warning disable CA2100 // The tests' own constants.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static ApiObject Made(string id, string owner) =>
        new("k", id, owner, DateTimeOffset.UnixEpoch, $$"""{"v":"{{id}}"}""");
}
