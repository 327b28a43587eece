using Causerie.Chat;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Causerie.Conversations.Storage;

/// <summary>Conversations in one SQLite file: crash-safe, for many threads, open in one process at a time.</summary>
/// <remarks>
/// Each call is one transaction on a pooled connection, durable when it returns. Writers queue on a lock of ours,
/// readers never wait (write-ahead log). Any call may throw <see cref="StorageException"/>.
/// </remarks>
public sealed class Sqlite : IDisposable
{
    // "Caus": tells our files from other programs' (https://sqlite.org/pragma.html#pragma_application_id).
    private const int ApplicationId = 0x43617573;

    private const string ConversationColumns =
        "id, title, created, updated, model, system_prompt AS SystemPrompt, temperature, leaf";

    private const string MessageColumns =
        """
        id, conversation, parent, role, text, state, created, model, failure_kind AS FailureKind,
        failure_text AS FailureText, prompt_tokens AS PromptTokens, completion_tokens AS CompletionTokens,
        prompt_ms AS PromptMs, completion_ms AS CompletionMs
        """;

    private readonly string _connectionString;
    private readonly TimeProvider _time;
    private readonly FileStream _claim;
    private readonly Lock _writing = new();

    private Sqlite(string path, TimeProvider time, FileStream claim)
    {
        Path = path;
        _time = time;
        _claim = claim;
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            ForeignKeys = true,
            DefaultTimeout = 30,
        }.ConnectionString;
    }

    /// <summary>Raised after a change is on disk, on the thread that made it; handlers must be quick.</summary>
    public event Action<Change>? Changed;

    /// <summary>The database file.</summary>
    public string Path { get; }

    /// <summary>Opens the database, makes it if it is not there, and brings an older one to today's schema.</summary>
    /// <param name="path">The file; its folder is made where missing.</param>
    /// <param name="time">Where the time of messages comes from.</param>
    /// <exception cref="StorageException">Another process uses it, it is damaged, foreign, or of a newer schema.</exception>
    public static Sqlite Open(string path, TimeProvider time) => Open(path, time, Migrations.All);

    internal static Sqlite Open(string path, TimeProvider time, IReadOnlyList<string> migrations)
    {
        path = System.IO.Path.GetFullPath(path);
        FileStream claim;
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            claim = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"The conversations at {path} cannot be opened: another Causerie uses them, or the folder cannot be "
                + $"written ({e.Message}) Use --data to name another folder.", e);
        }

        var sqlite = new Sqlite(path, time, claim);
        try
        {
            sqlite.Prepare(migrations);
            return sqlite;
        }
        catch
        {
            sqlite.Dispose();
            throw;
        }
    }

    /// <summary>The conversations, the one last spoken in first.</summary>
    public IReadOnlyList<Conversation> List(int count) => Read(db => db.Query<ConversationRow>(
        $"SELECT {ConversationColumns} FROM conversation ORDER BY updated DESC, number DESC LIMIT @count",
        new { count }).Select(r => r.Shape()).ToList());

    /// <summary>Those whose title or messages contain each word of the query, whatever case or accent.</summary>
    public IReadOnlyList<Conversation> Search(string query, int count)
    {
        string[] words = query.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            return List(count);
        var parameters = new DynamicParameters(new { count });
        var clauses = new List<string>();
        foreach (string word in words)
        {
            string name = $"w{clauses.Count}";
            // Trigrams cannot find fewer than three letters; a plain scan can.
            bool short_ = word.EnumerateRunes().Count() < 3;
            parameters.Add(name, short_
                ? $"%{word.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_")}%"
                : $"\"{word.Replace("\"", "\"\"")}\"");
            clauses.Add(short_
                ? $"""
                   (title LIKE @{name} ESCAPE '\' OR id IN
                    (SELECT conversation FROM message WHERE text LIKE @{name} ESCAPE '\'))
                   """
                : $"""
                   (number IN (SELECT rowid FROM title_search WHERE title_search MATCH @{name}) OR id IN
                    (SELECT conversation FROM message WHERE id IN
                     (SELECT rowid FROM message_search WHERE message_search MATCH @{name})))
                   """);
        }

        return Read(db => db.Query<ConversationRow>(
            $"""
             SELECT {ConversationColumns} FROM conversation WHERE {string.Join(" AND ", clauses)}
             ORDER BY updated DESC, number DESC LIMIT @count
             """, parameters).Select(r => r.Shape()).ToList());
    }

    /// <summary>One conversation; null when there is none with that id.</summary>
    public Conversation? Find(string id) => Read(db => db.QuerySingleOrDefault<ConversationRow>(
        $"SELECT {ConversationColumns} FROM conversation WHERE id = @id", new { id })?.Shape());

    /// <summary>All messages of a conversation, on every branch, oldest first.</summary>
    public IReadOnlyList<Message> Messages(string conversation) => Read(db => db.Query<MessageRow>(
        $"SELECT {MessageColumns} FROM message WHERE conversation = @conversation ORDER BY id",
        new { conversation }).Select(r => r.Shape()).ToList());

    /// <summary>The messages of a conversation as a tree; null when there is no such conversation.</summary>
    public MessageTree? Tree(string conversation) =>
        Find(conversation) is { } found ? new MessageTree(Messages(conversation), found.Leaf) : null;

    /// <summary>Begins an empty conversation.</summary>
    public Conversation Create(string title, ConversationSettings settings)
    {
        var now = _time.GetUtcNow();
        string id = Guid.CreateVersion7(now).ToString("N");
        Write(db =>
        {
            long number = db.QuerySingle<long>(
                """
                INSERT INTO conversation (id, title, created, updated, model, system_prompt, temperature)
                VALUES (@id, @title, @now, @now, @Model, @SystemPrompt, @Temperature) RETURNING number
                """,
                new
                {
                    id,
                    title,
                    now = now.ToUnixTimeMilliseconds(),
                    settings.Model,
                    settings.SystemPrompt,
                    settings.Temperature,
                });
            db.Execute("INSERT INTO title_search (rowid, text) VALUES (@number, @title)", new { number, title });
        });
        Changed?.Invoke(new Change(id, ChangeKind.Line));
        return Find(id)!;
    }

    /// <summary>Gives a conversation another title.</summary>
    public void Rename(string conversation, string title)
    {
        Write(db =>
        {
            long? number = db.QuerySingleOrDefault<long?>(
                "UPDATE conversation SET title = @title WHERE id = @conversation RETURNING number",
                new { conversation, title });
            db.Execute("UPDATE title_search SET text = @title WHERE rowid = @number", new { number, title });
        });
        Changed?.Invoke(new Change(conversation, ChangeKind.Line));
    }

    /// <summary>Sets what the next answers are made with.</summary>
    public void Save(string conversation, ConversationSettings settings) => Write(db => db.Execute(
        """
        UPDATE conversation SET model = @Model, system_prompt = @SystemPrompt, temperature = @Temperature
        WHERE id = @conversation
        """,
        new { conversation, settings.Model, settings.SystemPrompt, settings.Temperature }));

    /// <summary>Removes a conversation with all that was said in it.</summary>
    public void Delete(string conversation)
    {
        Write(db => db.Execute("DELETE FROM conversation WHERE id = @conversation", new { conversation }));
        Changed?.Invoke(new Change(conversation, ChangeKind.Line));
    }

    /// <summary>Adds a message below <paramref name="parent"/> and puts its branch on show.</summary>
    /// <exception cref="StorageException">There is no such conversation, or the parent is not in it.</exception>
    public Message Add(string conversation, long? parent, ChatRole role, string text, MessageState state)
    {
        var now = _time.GetUtcNow();
        long id = 0;
        Write(db =>
        {
            if (parent is not null && db.QuerySingleOrDefault<string>(
                "SELECT conversation FROM message WHERE id = @parent", new { parent }) != conversation)
                throw new StorageException($"Message {parent} is not in conversation {conversation}.");
            id = db.QuerySingle<long>(
                """
                INSERT INTO message (conversation, parent, role, text, state, created)
                VALUES (@conversation, @parent, @role, @text, @state, @now) RETURNING id
                """,
                new
                {
                    conversation,
                    parent,
                    role = role.ToString(),
                    text,
                    state = state.ToString(),
                    now = now.ToUnixTimeMilliseconds(),
                });
            db.Execute("UPDATE conversation SET updated = @now, leaf = @id WHERE id = @conversation",
                new { now = now.ToUnixTimeMilliseconds(), id, conversation });
            if (state != MessageState.Writing)
                Index(db, id, text);
        });
        Changed?.Invoke(new Change(conversation, ChangeKind.Messages));
        Changed?.Invoke(new Change(conversation, ChangeKind.Line));
        return new Message(id, conversation, parent, role, text, state, now);
    }

    /// <summary>Puts a message back into the state of being written, to go on with it.</summary>
    public void Resume(Message message)
    {
        Write(db => db.Execute(
            "UPDATE message SET state = 'Writing', failure_kind = NULL, failure_text = NULL WHERE id = @Id",
            new { message.Id }));
        Changed?.Invoke(new Change(message.Conversation, ChangeKind.Messages));
    }

    /// <summary>Keeps what was written of an answer so far.</summary>
    public void SaveText(long message, string text) => Write(db => db.Execute(
        "UPDATE message SET text = @text WHERE id = @message AND state = 'Writing'", new { message, text }));

    /// <summary>Ends an answer: its text, how it ended, by which model and at what cost.</summary>
    public void Finish(Message message)
    {
        Write(db =>
        {
            db.Execute(
                """
                UPDATE message SET text = @Text, state = @State, model = @Model, failure_kind = @Kind,
                    failure_text = @Failure, prompt_tokens = @PromptTokens, completion_tokens = @CompletionTokens,
                    prompt_ms = @PromptMs, completion_ms = @CompletionMs
                WHERE id = @Id
                """,
                new
                {
                    message.Id,
                    message.Text,
                    State = message.State.ToString(),
                    message.Model,
                    Kind = message.Failure?.Kind.ToString(),
                    Failure = message.Failure?.Text,
                    message.Usage?.PromptTokens,
                    message.Usage?.CompletionTokens,
                    PromptMs = (long?)message.Usage?.PromptTime.TotalMilliseconds,
                    CompletionMs = (long?)message.Usage?.CompletionTime.TotalMilliseconds,
                });
            Index(db, message.Id, message.Text);
        });
        Changed?.Invoke(new Change(message.Conversation, ChangeKind.Messages));
        Changed?.Invoke(new Change(message.Conversation, ChangeKind.Line));
    }

    /// <summary>Puts the branch that ends at <paramref name="leaf"/> on show.</summary>
    public void Show(string conversation, long leaf)
    {
        Write(db => db.Execute(
            """
            UPDATE conversation SET leaf = @leaf WHERE id = @conversation
            AND EXISTS (SELECT 1 FROM message WHERE id = @leaf AND conversation = @conversation)
            """, new { conversation, leaf }));
        Changed?.Invoke(new Change(conversation, ChangeKind.Messages));
    }

    /// <summary>Closes the file and lets another process use it.</summary>
    public void Dispose()
    {
        using (var any = new SqliteConnection(_connectionString))
            SqliteConnection.ClearPool(any);
        _claim.Dispose();
    }

    private static void Index(SqliteConnection db, long id, string text) => db.Execute(
        """
        DELETE FROM message_search WHERE rowid = @id;
        INSERT INTO message_search (rowid, text) VALUES (@id, @text);
        """, new { id, text });

    private void Prepare(IReadOnlyList<string> migrations)
    {
        if (new FileInfo(Path) is { Exists: true, Length: > 0 })
            Guard(() => Inspect(migrations.Count));
        Write(db =>
        {
            int version = db.QuerySingle<int>("PRAGMA user_version");
            for (int i = version; i < migrations.Count; i++)
                db.Execute(migrations[i]);
            // Pragmas take no parameters; both numbers are ours.
            db.Execute($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {migrations.Count};");
            // Nothing can be writing yet: whatever was, ended with the program that wrote it.
            foreach (var (id, text) in db.Query<(long, string)>("SELECT id, text FROM message WHERE state = 'Writing'"))
                Index(db, id, text);
            db.Execute("UPDATE message SET state = 'Interrupted' WHERE state = 'Writing'");
        });
        Read(db => db.Execute("PRAGMA journal_mode = WAL"));
    }

    /// <summary>Looks at a file that may not be ours without changing a byte of it.</summary>
    private void Inspect(int known)
    {
        var builder = new SqliteConnectionStringBuilder(_connectionString)
        {
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        };
        using var db = new SqliteConnection(builder.ConnectionString);
        db.Open();
        int version = db.QuerySingle<int>("PRAGMA user_version");
        int application = db.QuerySingle<int>("PRAGMA application_id");
        int tables = db.QuerySingle<int>("SELECT count(*) FROM sqlite_schema");
        if (application != ApplicationId && (application != 0 || tables != 0))
            throw new StorageException($"{Path} is a database of another program; it was left as it is.");
        if (version > known)
            throw new StorageException(
                $"{Path} was written by a newer Causerie (schema {version}, this one knows {known}); it was left as "
                + "it is. Use that version, or --data to name another folder.");
        if (tables != 0 && db.QuerySingle<string>("PRAGMA quick_check(1)") is var answer and not "ok")
            throw new StorageException($"{Path} is damaged ({answer}); it was left as it is. "
                + "Restore a copy of it, or use --data to name another folder.");
    }

    private T Read<T>(Func<SqliteConnection, T> work) => Guard(() =>
    {
        using var db = new SqliteConnection(_connectionString);
        db.Open();
        return work(db);
    });

    private void Write(Action<SqliteConnection> work)
    {
        lock (_writing)
        {
            Read(db =>
            {
                using var transaction = db.BeginTransaction();
                work(db);
                transaction.Commit();
                return 0;
            });
        }
    }

    private void Guard(Action work) => Guard(() =>
    {
        work();
        return 0;
    });

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException e)
        {
            // https://sqlite.org/rescode.html
            string what = e.SqliteErrorCode switch
            {
                11 or 26 => "is damaged or no database; it was left as it is. Restore a copy of it",
                13 => "cannot grow: the disk is full. Free some space",
                8 or 14 => "cannot be opened or written. Look at the rights of the file and its folder",
                _ => "cannot be used",
            };
            throw new StorageException($"{Path} {what}, or use --data to name another folder ({e.Message}).", e);
        }
    }
}
