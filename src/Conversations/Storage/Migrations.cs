namespace Causerie.Conversations.Storage;

/// <summary>The steps that bring a database to the newest schema; <c>user_version</c> counts those taken.</summary>
/// <remarks>A step that has been released is never edited: a change is a new step at the end.</remarks>
internal static class Migrations
{
    public static IReadOnlyList<string> All { get; } =
    [
        """
        CREATE TABLE conversation (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            created INTEGER NOT NULL,
            updated INTEGER NOT NULL,
            model TEXT,
            system_prompt TEXT,
            temperature REAL,
            leaf INTEGER
        ) STRICT;
        CREATE INDEX conversation_updated ON conversation (updated DESC);
        CREATE TABLE message (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
            parent INTEGER REFERENCES message (id),
            role TEXT NOT NULL,
            text TEXT NOT NULL,
            state TEXT NOT NULL,
            created INTEGER NOT NULL,
            model TEXT,
            failure_kind TEXT,
            failure_text TEXT,
            prompt_tokens INTEGER,
            completion_tokens INTEGER,
            prompt_ms INTEGER,
            completion_ms INTEGER
        ) STRICT;
        CREATE INDEX message_conversation ON message (conversation, id);
        CREATE INDEX message_parent ON message (parent);
        CREATE INDEX message_writing ON message (state) WHERE state = 'Writing';
        -- Trigrams find any three letters in a row in any script; accents and case do not matter.
        CREATE VIRTUAL TABLE title_search USING fts5 (
            text, content = '', contentless_delete = 1, tokenize = 'trigram remove_diacritics 1');
        CREATE VIRTUAL TABLE message_search USING fts5 (
            text, content = '', contentless_delete = 1, tokenize = 'trigram remove_diacritics 1');
        CREATE TRIGGER message_gone AFTER DELETE ON message BEGIN
            DELETE FROM message_search WHERE rowid = old.id;
        END;
        CREATE TRIGGER conversation_gone AFTER DELETE ON conversation BEGIN
            DELETE FROM title_search WHERE rowid = old.number;
        END;
        """,
    ];
}
