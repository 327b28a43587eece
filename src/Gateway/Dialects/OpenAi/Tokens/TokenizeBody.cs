using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi.Tokens;

/// <summary>A request for the tokens of a text or of a conversation, as llama.cpp's server and vLLM take it.</summary>
/// <param name="Asked">The model, and the messages or the text.</param>
/// <param name="AddSpecial">Whether BOS and the like are added to a text, as the vocabulary asks.</param>
/// <param name="ParseSpecial">Whether control tokens that are spelt out in a text count as themselves.</param>
/// <param name="WithPieces">Whether each token comes with its text, as llama.cpp's server writes it.</param>
/// <param name="WithTexts">Whether the tokens' spellings come beside them, as vLLM writes it.</param>
public sealed record TokenizeBody(ChatRequest Asked, bool AddSpecial, bool ParseSpecial, bool WithPieces, bool WithTexts)
{
    private const int MostCharacters = 1 << 20;

    private static readonly FieldTable<Draft> Fields = new(
    [
        new("model", "honoured", "", (draft, field) => draft.Model = field.String()),
        new("content", "honoured", "", (draft, field) => draft.Texts.Add(Checked(field))),
        new("prompt", "honoured", "", (draft, field) =>
        {
            draft.Texts.Add(Checked(field));
            draft.AddsByDefault = true; // as vLLM does
        }),
        new("messages", "honoured", "", (draft, field) => draft.Messages = ChatMessages.Read(field)),
        new("tools", "honoured", "", (draft, field) => draft.Tools = OpenAi.Tools.Read(field)),
        new("add_special", "honoured", "", (draft, field) => draft.AddSpecial = field.Boolean()),
        new("add_special_tokens", "honoured", "", (draft, field) => draft.AddSpecial = field.Boolean()),
        new("parse_special", "honoured", "", (draft, field) => draft.ParseSpecial = field.Boolean()),
        new("with_pieces", "honoured", "", (draft, field) => draft.WithPieces = field.Boolean()),
        new("return_token_strs", "honoured", "", (draft, field) => draft.WithTexts = field.Boolean()),
    ]);

    /// <summary>Reads a body.</summary>
    /// <exception cref="RejectedException">It is malformed, or a text is too long.</exception>
    public static TokenizeBody Read(ReadOnlyMemory<byte> body, DialectContext context)
    {
        using var document = OpenAiBody.Parse(body);
        var draft = new Draft();
        Fields.Read(draft, document.RootElement);
        if (draft.Texts.Count + (draft.Messages.IsDefault ? 0 : 1) != 1)
        {
            throw new RejectedException(Errors.Invalid(
                "Give one of 'content', 'prompt' and 'messages'.", "content",
                draft.Texts.Count == 0 && draft.Messages.IsDefault ? "missing_required_parameter" : "invalid_value"));
        }

        if (draft.Messages.IsDefault && !draft.Tools.IsEmpty)
            throw new RejectedException(Errors.Invalid("'tools' may be given only with 'messages'.", "tools", "invalid_value"));
        if (!draft.Messages.IsDefault && (draft.AddSpecial is not null || draft.ParseSpecial is not null))
        {
            throw new RejectedException(Errors.Invalid(
                "The chat template says which special tokens 'messages' get: leave 'add_special' and 'parse_special' out.",
                "add_special", "invalid_value"));
        }

        var asked = new ChatRequest
        {
            Model = draft.Model ?? ChatDraft.TheOnlyModel(context),
            Messages = draft.Messages.IsDefault ? [] : draft.Messages,
            Text = draft.Texts.Count == 0 ? null : draft.Texts[0],
            Tools = draft.Tools,
        };
        return new TokenizeBody(
            asked, draft.AddSpecial ?? draft.AddsByDefault, draft.ParseSpecial ?? true, draft.WithPieces, draft.WithTexts);
    }

    /// <summary>Writes the answer.</summary>
    /// <param name="output">Receives the bytes.</param>
    /// <param name="tokens">The ids.</param>
    /// <param name="bytes">The bytes of a token.</param>
    /// <param name="contextLength">The model's context.</param>
    public void Write(IBufferWriter<byte> output, ReadOnlySpan<int> tokens, TokenBytes bytes, int contextLength)
    {
        using var json = new Utf8JsonWriter(output, Json.WriterOptions);
        json.WriteStartObject();
        json.WriteStartArray("tokens");
        foreach (int id in tokens)
        {
            if (WithPieces)
                WritePiece(json, id, bytes(id));
            else
                json.WriteNumberValue(id);
        }

        json.WriteEndArray();
        json.WriteNumber("count", tokens.Length);
        json.WriteNumber("max_model_len", contextLength);
        if (WithTexts)
        {
            json.WriteStartArray("token_strs");
            foreach (int id in tokens)
                json.WriteStringValue(Encoding.UTF8.GetString(bytes(id)));
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    // A token may be a part of a character, which no text can hold: then its bytes are told.
    private static void WritePiece(Utf8JsonWriter json, int id, ReadOnlySpan<byte> bytes)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            json.WriteString("piece", bytes);
        }
        else
        {
            json.WriteStartArray("piece");
            foreach (byte one in bytes)
                json.WriteNumberValue(one);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static string Checked(JsonField field) => field.String() is { Length: <= MostCharacters } text
        ? text
        : throw field.Refuse($"'{field.Path}' is longer than {MostCharacters} characters.", "string_above_max_length");

    private sealed class Draft
    {
        public string? Model { get; set; }

        public List<string> Texts { get; } = [];

        public ImmutableArray<ChatMessage> Messages { get; set; }

        public ImmutableArray<ChatTool> Tools { get; set; } = [];

        public bool? AddSpecial { get; set; }

        public bool AddsByDefault { get; set; }

        public bool? ParseSpecial { get; set; }

        public bool WithPieces { get; set; }

        public bool WithTexts { get; set; }
    }
}

/// <summary>The UTF-8 bytes of a token; possibly part of a character.</summary>
public delegate ReadOnlySpan<byte> TokenBytes(int id);
