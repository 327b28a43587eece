using Causerie.Chat;
using Causerie.Conversations;
using Causerie.Conversations.Storage;
using Microsoft.Data.Sqlite;

namespace Causerie.Tests;

public sealed class SqliteTests : IDisposable
{
    private readonly Place _place = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Keeps_everything_over_a_restart()
    {
        string id;
        using (var db = _place.Open(_time))
        {
            id = db.Create("Été", new ConversationSettings("m", "Be brief.", 0.5)).Id;
            long asked = db.Add(id, null, ChatRole.User, "Quoi ? 👋\0end", MessageState.Complete).Id;
            var answer = db.Add(id, asked, ChatRole.Assistant, "", MessageState.Writing);
            db.Finish(answer with
            {
                Text = "Rien.",
                State = MessageState.Complete,
                Model = "m",
                Usage = new TokenUsage(7, 2) { CompletionTime = TimeSpan.FromMilliseconds(40) },
            });
        }

        using var again = _place.Open(_time);
        var conversation = Assert.Single(again.List(10));
        Assert.Equal(id, conversation.Id);
        Assert.Equal("Été", conversation.Title);
        Assert.Equal(new ConversationSettings("m", "Be brief.", 0.5), conversation.Settings);
        Assert.Equal(_time.GetUtcNow().ToUnixTimeMilliseconds(), conversation.Updated.ToUnixTimeMilliseconds());
        var messages = again.Messages(id);
        Assert.Equal(["Quoi ? 👋\0end", "Rien."], messages.Select(m => m.Text));
        Assert.Equal(MessageState.Complete, messages[1].State);
        Assert.Equal("m", messages[1].Model);
        Assert.Equal(2, messages[1].Usage!.CompletionTokens);
        Assert.Equal(TimeSpan.FromMilliseconds(40), messages[1].Usage!.CompletionTime);
        Assert.Equal(messages[1].Id, conversation.Leaf);
    }

    [Fact]
    public void Marks_what_was_being_written_as_interrupted()
    {
        string id;
        using (var db = _place.Open())
        {
            id = db.Create("t", ConversationSettings.Default).Id;
            var message = db.Add(id, null, ChatRole.Assistant, "", MessageState.Writing);
            db.SaveText(message.Id, "half an ans");
        }

        using var again = _place.Open();
        var kept = Assert.Single(again.Messages(id));
        Assert.Equal(("half an ans", MessageState.Interrupted), (kept.Text, kept.State));
        Assert.Single(again.Search("half", 9));
    }

    [Fact]
    public void Survives_a_process_that_was_killed_between_two_saves()
    {
        // A copy of the files while they are open is what a killed process leaves behind.
        string id;
        string copy = Path.Combine(_place.Folder, "copy.db");
        using (var db = _place.Open())
        {
            id = db.Create("t", ConversationSettings.Default).Id;
            var message = db.Add(id, null, ChatRole.Assistant, "", MessageState.Writing);
            db.SaveText(message.Id, "kept");
            foreach (string tail in (string[])["", "-wal"])
                File.Copy(_place.File + tail, copy + tail);
        }

        using var again = Sqlite.Open(copy, _time);
        Assert.Equal("kept", Assert.Single(again.Messages(id)).Text);
    }

    [Fact]
    public void Lists_the_conversation_last_spoken_in_first()
    {
        using var db = _place.Open(_time);
        string a = db.Create("a", ConversationSettings.Default).Id;
        _time.Advance(TimeSpan.FromSeconds(1));
        string b = db.Create("b", ConversationSettings.Default).Id;
        Assert.Equal([b, a], db.List(10).Select(c => c.Id));
        _time.Advance(TimeSpan.FromSeconds(1));
        db.Add(a, null, ChatRole.User, "x", MessageState.Complete);
        Assert.Equal([a, b], db.List(10).Select(c => c.Id));
        Assert.Equal([a], db.List(1).Select(c => c.Id));
    }

    [Theory]
    [InlineData("ete", true)]
    [InlineData("ÉTÉ", true)]
    [InlineData("lend", true)] // in the middle of a word
    [InlineData("calendrier vacances", true)] // title and text
    [InlineData("calendrier hiver", false)]
    [InlineData("été vacances", true)]
    [InlineData("日本", true)]
    [InlineData("本語", true)]
    [InlineData("%", false)]
    [InlineData("_", false)]
    [InlineData("\" OR 1", false)]
    [InlineData("ca*", false)]
    [InlineData("", true)]
    [InlineData("   ", true)]
    public void Searches_titles_and_texts(string query, bool found)
    {
        using var db = _place.Open();
        string id = db.Create("Le calendrier d’été", ConversationSettings.Default).Id;
        db.Add(id, null, ChatRole.User, "Quand sont les vacances ? 日本語", MessageState.Complete);
        Assert.Equal(found ? [id] : [], db.Search(query, 10).Select(c => c.Id));
    }

    [Fact]
    public void Finds_a_new_title_and_not_the_old_one()
    {
        using var db = _place.Open();
        string id = db.Create("First name", ConversationSettings.Default).Id;
        db.Rename(id, "Second title");
        Assert.Equal("Second title", db.Find(id)!.Title);
        Assert.Empty(db.Search("First", 9));
        Assert.Single(db.Search("Second", 9));
    }

    [Fact]
    public void Deletes_a_conversation_with_all_of_its_messages()
    {
        using var db = _place.Open();
        string id = db.Create("gone", ConversationSettings.Default).Id;
        long parent = db.Add(id, null, ChatRole.User, "some words", MessageState.Complete).Id;
        db.Add(id, parent, ChatRole.Assistant, "others", MessageState.Complete);
        string other = db.Create("stays", ConversationSettings.Default).Id;
        db.Delete(id);
        Assert.Null(db.Find(id));
        Assert.Null(db.Tree(id));
        Assert.Empty(db.Messages(id));
        Assert.Empty(db.Search("words", 9));
        Assert.Empty(db.Search("gone", 9));
        Assert.Equal([other], db.List(9).Select(c => c.Id));
    }

    [Fact]
    public void Refuses_a_parent_from_another_conversation()
    {
        using var db = _place.Open();
        string a = db.Create("a", ConversationSettings.Default).Id;
        string b = db.Create("b", ConversationSettings.Default).Id;
        long message = db.Add(a, null, ChatRole.User, "x", MessageState.Complete).Id;
        Assert.Throws<StorageException>(() => db.Add(b, message, ChatRole.User, "y", MessageState.Complete));
        Assert.Throws<StorageException>(() => db.Add("none", null, ChatRole.User, "y", MessageState.Complete));
        Assert.Empty(db.Messages(b));
    }

    [Fact]
    public void A_late_save_does_not_undo_the_end_of_an_answer()
    {
        using var db = _place.Open();
        string id = db.Create("a", ConversationSettings.Default).Id;
        var message = db.Add(id, null, ChatRole.Assistant, "", MessageState.Writing);
        db.Finish(message with { Text = "whole", State = MessageState.Complete });
        db.SaveText(message.Id, "wh");
        Assert.Equal("whole", Assert.Single(db.Messages(id)).Text);
    }

    [Fact]
    public async Task Many_threads_write_and_read_at_once()
    {
        using var db = _place.Open();
        string id = db.Create("busy", ConversationSettings.Default).Id;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(() =>
        {
            for (int i = 0; i < 15; i++)
            {
                var message = db.Add(id, null, ChatRole.User, $"{t} {i}", MessageState.Writing);
                db.SaveText(message.Id, $"{t} {i} more");
                Assert.Contains(db.Messages(id), m => m.Id == message.Id);
                Assert.Single(db.List(5));
            }
        })));
        Assert.Equal(120, db.Messages(id).Count(m => m.Text.EndsWith("more", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_second_process_is_told_to_stay_away()
    {
        using var db = _place.Open();
        Assert.Contains("another Causerie", Assert.Throws<StorageException>(() => _place.Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_schema_is_refused_and_left_as_it_is()
    {
        using (var db = _place.Open())
            db.Create("precious", ConversationSettings.Default);
        Raw("PRAGMA user_version = 99; PRAGMA journal_mode = DELETE;");
        Refused("newer Causerie (schema 99");
    }

    [Fact]
    public void A_database_of_another_program_is_refused_and_left_as_it_is()
    {
        Raw("CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup');");
        Refused("another program");
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_as_it_is()
    {
        File.WriteAllText(_place.File, string.Concat(Enumerable.Repeat("Dear diary, ", 1000)));
        Refused("damaged or no database");
    }

    [Fact]
    public void A_damaged_database_is_refused_and_left_as_it_is()
    {
        using (var db = _place.Open())
        {
            string id = db.Create("precious", ConversationSettings.Default).Id;
            for (int i = 0; i < 50; i++)
                db.Add(id, null, ChatRole.User, new string('x', 2000), MessageState.Complete);
        }

        Raw("PRAGMA journal_mode = DELETE;");
        byte[] bytes = File.ReadAllBytes(_place.File);
        for (int i = 4096; i < bytes.Length; i++)
            bytes[i] ^= (byte)(i * 31);
        File.WriteAllBytes(_place.File, bytes);
        Refused("damaged");
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_by_name()
    {
        File.WriteAllText(Path.Combine(_place.Folder, "file"), "");
        string path = Path.Combine(_place.Folder, "file", "causerie.db");
        Assert.Contains(path, Assert.Throws<StorageException>(() => Sqlite.Open(path, _time)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_older_schema_is_brought_to_the_newest_one()
    {
        string[] steps = [.. Migrations.All, "ALTER TABLE conversation ADD COLUMN colour TEXT"];
        using (var db = _place.Open())
            db.Create("kept", ConversationSettings.Default);
        using (var db = Sqlite.Open(_place.File, _time, steps))
            Assert.Equal("kept", Assert.Single(db.List(9)).Title);
        Assert.Equal(steps.Length, Raw("PRAGMA user_version"));
        Assert.Equal(1, Raw("SELECT count(*) FROM pragma_table_info('conversation') WHERE name = 'colour'"));
    }

    [Fact]
    public void A_migration_that_fails_leaves_the_older_schema_whole()
    {
        using (var db = _place.Open())
            db.Create("kept", ConversationSettings.Default);
        string[] steps = [.. Migrations.All, "ALTER TABLE conversation ADD COLUMN colour TEXT", "ALTER TABLE nothing RENAME TO something"];
        Assert.Throws<StorageException>(() => Sqlite.Open(_place.File, _time, steps));
        using var again = _place.Open();
        Assert.Equal("kept", Assert.Single(again.List(9)).Title);
        Assert.Equal(0, Raw("SELECT count(*) FROM pragma_table_info('conversation') WHERE name = 'colour'"));
    }

    [Fact]
    public void Tells_what_changed()
    {
        using var db = _place.Open();
        var changes = new List<Change>();
        db.Changed += changes.Add;
        string id = db.Create("t", ConversationSettings.Default).Id;
        var message = db.Add(id, null, ChatRole.Assistant, "", MessageState.Writing);
        db.SaveText(message.Id, "not worth telling: the running turn does");
        db.Delete(id);
        Assert.Equal(
            [ChangeKind.Line, ChangeKind.Messages, ChangeKind.Line, ChangeKind.Line], changes.Select(c => c.What));
        Assert.All(changes, c => Assert.Equal(id, c.Conversation));
    }

    private void Refused(string why)
    {
        byte[] before = File.ReadAllBytes(_place.File);
        var refusal = Assert.Throws<StorageException>(() => _place.Open());
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(_place.File, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_place.File));
    }

    private long Raw(string sql)
    {
        using var db = new SqliteConnection($"Data Source={_place.File};Pooling=False");
        db.Open();
        using var command = db.CreateCommand();
#pragma warning disable CA2100 // The tests' own constants.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar() is long number ? number : 0;
    }
}
