using System.Buffers;
using System.Text;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi.Responses;

/// <summary>A response as it stands: its state, its output so far, and what it repeats of the request.</summary>
/// <param name="model">The model that is asked.</param>
/// <param name="draft">The request.</param>
/// <param name="created">When it came, in seconds since 1970.</param>
/// <param name="id">Its name.</param>
internal sealed class ResponseObject(string model, ResponseDraft draft, long created, string id)
{
    /// <summary>Its name.</summary>
    public string Id => id;

    /// <summary>Its output so far.</summary>
    public List<OutputItem> Items { get; } = [];

    /// <summary>The model that answers.</summary>
    public string Model { get; set; } = model;

    /// <summary>How the answer ended; null while it goes on.</summary>
    public ChatFinished? Finished { get; set; }

    /// <summary>Why it failed.</summary>
    public DialectError? Error { get; set; }

    /// <summary>Whether it waits to be answered.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Whether it was cancelled.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>The API's word for where it stands.</summary>
    public string Status => Error is not null ? "failed" : IsCancelled ? "cancelled" : IsQueued ? "queued"
        : Finished is null ? "in_progress" : Finished.Reason == FinishReason.Length ? "incomplete" : "completed";

    /// <summary>It, as a document.</summary>
    public string ToJson()
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Json.WriterOptions))
            Write(json, null);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Writes it.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="property">The property that it is; null for a document of its own.</param>
    public void Write(Utf8JsonWriter json, string? property)
    {
        if (property is not null)
            json.WritePropertyName(property);
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("object", "response");
        json.WriteNumber("created_at", created);
        json.WriteString("status", Status);
        json.WriteBoolean("background", draft.Background);
        if (Error is { } error)
        {
            json.WriteStartObject("error");
            json.WriteString("code", "server_error");
            json.WriteString("message", error.Message);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("error");
        }

        if (Status == "incomplete")
        {
            json.WriteStartObject("incomplete_details");
            json.WriteString("reason", "max_output_tokens");
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("incomplete_details");
        }

        json.WriteString("model", Model);
        json.WriteStartArray("output");
        if (Finished is not null)
        {
            foreach (var item in Items)
                item.Write(json, item.Index == Items.Count - 1 ? Status : "completed");
        }

        json.WriteEndArray();
        json.WriteString("previous_response_id", draft.Previous);
        if (draft.Conversation is { } conversation)
        {
            json.WriteStartObject("conversation");
            json.WriteString("id", conversation);
            json.WriteEndObject();
        }

        WriteEcho(json);
        if (Finished is { } finished)
            WriteUsage(json, finished.Usage);
        if (Finished?.ReceiptId is { } receipt)
            json.WriteString("receipt_id", receipt);
        json.WriteEndObject();
    }

    private void WriteEcho(Utf8JsonWriter json)
    {
        json.WriteStartObject("reasoning");
        json.WriteString("effort", draft.Effort);
        json.WriteNull("summary");
        json.WriteEndObject();
        json.WriteStartObject("text");
        json.WritePropertyName("format");
        draft.Format.WriteTo(json);
        json.WriteEndObject();
        json.WriteString("truncation", draft.Truncates ? "auto" : "disabled");
        foreach (var (name, otherwise) in Defaults)
        {
            json.WritePropertyName(name);
            if (draft.Echo.TryGetValue(name, out var asked) && asked is not null)
                asked.WriteTo(json);
            else
                json.WriteRawValue(otherwise);
        }
    }

    private static readonly (string Name, string Otherwise)[] Defaults =
    [
        ("instructions", "null"), ("max_output_tokens", "null"), ("metadata", "{}"), ("parallel_tool_calls", "true"),
        ("temperature", "null"), ("tool_choice", "\"auto\""), ("tools", "[]"), ("top_p", "null"),
    ];

    private static void WriteUsage(Utf8JsonWriter json, TokenUsage usage)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", usage.PromptTokens);
        json.WriteStartObject("input_tokens_details");
        json.WriteNumber("cached_tokens", usage.CachedTokens);
        json.WriteNumber("cache_write_tokens", 0);
        json.WriteEndObject();
        json.WriteNumber("output_tokens", usage.CompletionTokens);
        json.WriteStartObject("output_tokens_details");
        json.WriteNumber("reasoning_tokens", usage.ThinkingTokens);
        json.WriteEndObject();
        json.WriteNumber("total_tokens", usage.TotalTokens);
        json.WriteEndObject();
    }
}
