using System.Collections.Immutable;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Causerie.Conversations.Storage;

/// <summary>What the APIs keep for their callers (responses, stored completions), in one SQLite file: durable when a call returns.</summary>
/// <remarks>Everything belongs to an owner, and nobody else finds it.</remarks>
public sealed class ApiObjects : IDisposable
{
    private const int ApplicationId = 0x4361414F; // "CaAO"
    private const int ChunkLength = 100;
    private const string Columns = "number, kind, id, owner, created, expires, json";

    // A step that has been released is never edited: a change is a new step at the end.
    private static readonly ImmutableArray<string> Steps =
    [
        """
        CREATE TABLE object (
            number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, owner TEXT NOT NULL,
            created INTEGER NOT NULL, json TEXT NOT NULL, UNIQUE (kind, id));
        CREATE INDEX object_owner ON object (kind, owner, number);
        """,
        """
        ALTER TABLE object ADD COLUMN expires INTEGER;
        CREATE INDEX object_expires ON object (kind, expires) WHERE expires IS NOT NULL;
        """,
    ];

    private readonly SqliteConnection _keeper; // a database in memory lives as long as one connection
    private readonly string _connectionString;
    private readonly Lock _writing = new();

    private ApiObjects(SqliteConnectionStringBuilder connection)
    {
        _connectionString = connection.ConnectionString;
        _keeper = new SqliteConnection(_connectionString);
    }

    /// <summary>Opens the store.</summary>
    /// <param name="path">The file, which is made if it is not there; null keeps all in memory, for as long as this lives.</param>
    /// <exception cref="StorageException">The file is damaged, foreign or of a newer version.</exception>
    public static ApiObjects Open(string? path)
    {
        var objects = new ApiObjects(path is null
            ? new SqliteConnectionStringBuilder { DataSource = $"objects-{Guid.NewGuid():N}", Mode = SqliteOpenMode.Memory, Cache = SqliteCacheMode.Shared }
            : new SqliteConnectionStringBuilder { DataSource = Path.GetFullPath(path), DefaultTimeout = 30 });
        try
        {
            if (path is not null)
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            objects.Prepare();
            return objects;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            objects.Dispose();
            throw new StorageException($"What the API keeps cannot be opened at {path ?? "memory"}: {e.Message}", e);
        }
        catch
        {
            objects.Dispose();
            throw;
        }
    }

    /// <summary>Keeps objects, in place of those of the same names: all of them or none.</summary>
    public void Put(params IReadOnlyList<ApiObject> items) => Change(items, []);

    /// <summary>Keeps some objects and forgets others, in one step.</summary>
    /// <param name="kept">Those to keep, in place of those of the same names.</param>
    /// <param name="forgotten">Those to forget, by kind, id and owner.</param>
    public void Change(IReadOnlyList<ApiObject> kept, IReadOnlyList<ApiObject> forgotten) => Write(db =>
    {
        using var change = db.BeginTransaction();
        foreach (var item in forgotten)
            db.Execute("DELETE FROM object WHERE kind = @Kind AND id = @Id AND owner = @Owner", new { item.Kind, item.Id, item.Owner }, change);
        foreach (var item in kept)
        {
            db.Execute(
                """
                INSERT INTO object (kind, id, owner, created, expires, json) VALUES (@Kind, @Id, @Owner, @Created, @Expires, @Json)
                ON CONFLICT (kind, id) DO UPDATE SET json = excluded.json, expires = excluded.expires WHERE owner = excluded.owner
                """,
                new
                {
                    item.Kind,
                    item.Id,
                    item.Owner,
                    Created = item.Created.ToUnixTimeSeconds(),
                    Expires = item.Expires?.ToUnixTimeSeconds(),
                    item.Json,
                }, change);
        }

        change.Commit();
        return kept.Count;
    });

    /// <summary>One object; null where the owner has none of that name.</summary>
    public ApiObject? Find(string kind, string id, string owner) => Read(db => db.QuerySingleOrDefault<Row>(
        $"SELECT {Columns} FROM object WHERE kind = @kind AND id = @id AND owner = @owner",
        new { kind, id, owner })?.Shape());

    /// <summary>Forgets an object.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Delete(string kind, string id, string owner) => Write(db => db.Execute(
        "DELETE FROM object WHERE kind = @kind AND id = @id AND owner = @owner", new { kind, id, owner })) > 0;

    /// <summary>Forgets all of a kind.</summary>
    public void DeleteAll(string kind, string owner) => Write(db => db.Execute(
        "DELETE FROM object WHERE kind = @kind AND owner = @owner", new { kind, owner }));

    /// <summary>The owner's objects, by when they were first kept.</summary>
    /// <param name="kind">Their kind.</param>
    /// <param name="owner">Whose.</param>
    /// <param name="after">Only those behind the one of this id; null begins at the first.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="ascending">Oldest first; else newest.</param>
    public IReadOnlyList<ApiObject> List(string kind, string owner, string? after, int count, bool ascending) => Read(db =>
    {
        long? beyond = null;
        if (after is not null && (beyond = NumberOf(db, kind, owner, after)) is null)
            return [];
        return Chunk(db, kind, owner, beyond, count, ascending).Select(row => row.Shape()).ToList();
    });

    /// <summary>The owner's objects, by when they were first kept, read as they are walked through.</summary>
    /// <param name="kind">Their kind.</param>
    /// <param name="owner">Whose.</param>
    /// <param name="after">Only those behind the one of this id; null begins at the first.</param>
    /// <param name="ascending">Oldest first; else newest.</param>
    public IEnumerable<ApiObject> Walk(string kind, string owner, string? after, bool ascending)
    {
        long? beyond = null;
        if (after is not null && (beyond = Read(db => NumberOf(db, kind, owner, after))) is null)
            yield break;
        List<Row> some;
        do
        {
            some = Read(db => Chunk(db, kind, owner, beyond, ChunkLength, ascending));
            foreach (var row in some)
                yield return row.Shape();
            beyond = some.LastOrDefault()?.Number;
        }
        while (some.Count == ChunkLength);
    }

    /// <summary>Everybody's objects of a kind, for the server itself.</summary>
    public IReadOnlyList<ApiObject> OfAll(string kind) => Read(db => db.Query<Row>(
        $"SELECT {Columns} FROM object WHERE kind = @kind ORDER BY number", new { kind }).Select(row => row.Shape()).ToList());

    /// <summary>Everybody's objects of a kind that are over.</summary>
    public IReadOnlyList<ApiObject> Expired(string kind, DateTimeOffset now) => Read(db => db.Query<Row>(
        $"SELECT {Columns} FROM object WHERE kind = @kind AND expires <= @now", new { kind, now = now.ToUnixTimeSeconds() })
        .Select(row => row.Shape()).ToList());

    /// <inheritdoc/>
    public void Dispose()
    {
        _keeper.Dispose();
        SqliteConnection.ClearPool(new SqliteConnection(_connectionString));
    }

    private void Prepare()
    {
        _keeper.Open();
        _keeper.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
        int version = _keeper.ExecuteScalar<int>("PRAGMA user_version");
        int application = _keeper.ExecuteScalar<int>("PRAGMA application_id");
        int tables = _keeper.ExecuteScalar<int>("SELECT count(*) FROM sqlite_master");
        if (tables > 0 && application != ApplicationId)
            throw new StorageException($"The database {_keeper.DataSource} belongs to another program.");
        if (version > Steps.Length)
            throw new StorageException($"The database {_keeper.DataSource} was written by a newer Causerie (version {version}); use that one.");
        if (version == Steps.Length)
            return;
        using var change = _keeper.BeginTransaction();
        foreach (string step in Steps[version..])
            _keeper.Execute(step, transaction: change);
        _keeper.Execute($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Steps.Length}", transaction: change);
        change.Commit();
    }

    private static long? NumberOf(SqliteConnection db, string kind, string owner, string id) => db.QuerySingleOrDefault<long?>(
        "SELECT number FROM object WHERE kind = @kind AND id = @id AND owner = @owner", new { kind, id, owner });

    private static List<Row> Chunk(SqliteConnection db, string kind, string owner, long? beyond, int count, bool ascending) => db.Query<Row>(
        $"""
        SELECT {Columns} FROM object WHERE kind = @kind AND owner = @owner
        {(beyond is null ? "" : ascending ? "AND number > @beyond" : "AND number < @beyond")}
        ORDER BY number {(ascending ? "ASC" : "DESC")} LIMIT @count
        """, new { kind, owner, beyond, count }).AsList();

    private T Write<T>(Func<SqliteConnection, T> change)
    {
        lock (_writing)
            return Read(change);
    }

    private T Read<T>(Func<SqliteConnection, T> ask)
    {
        try
        {
            using var db = new SqliteConnection(_connectionString);
            db.Open();
            return ask(db);
        }
        catch (SqliteException e)
        {
            throw new StorageException($"What the API keeps could not be read or written: {e.Message}", e);
        }
    }

    private sealed record Row(long Number, string Kind, string Id, string Owner, long Created, long? Expires, string Json)
    {
        public ApiObject Shape() => new(Kind, Id, Owner, DateTimeOffset.FromUnixTimeSeconds(Created), Json)
        {
            Expires = Expires is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
        };
    }
}

/// <summary>One thing that an API keeps for a caller.</summary>
/// <param name="Kind">What it is, such as <c>response</c>.</param>
/// <param name="Id">Its name in the API.</param>
/// <param name="Owner">Whose it is; empty on a server without keys.</param>
/// <param name="Created">When it was kept first, to the second.</param>
/// <param name="Json">The whole.</param>
public sealed record ApiObject(string Kind, string Id, string Owner, DateTimeOffset Created, string Json)
{
    /// <summary>When it is over, to the second; whoever keeps it so has to look.</summary>
    public DateTimeOffset? Expires { get; init; }
}
