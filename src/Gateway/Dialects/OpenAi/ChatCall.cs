using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>One chat completion: writes its answer whole, or as <c>chat.completion.chunk</c> events.</summary>
internal sealed class ChatCall(ChatRequest request, bool streams, bool includeUsage, DateTimeOffset now)
    : DialectCall(request, streams)
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private readonly string _id = "chatcmpl-" + RandomNumberGenerator.GetString(Letters, 29);
    private readonly long _created = now.ToUnixTimeSeconds();
    private ChatStarted _started = new(request.Model, null);

    public override string StreamContentType => "text/event-stream; charset=utf-8";

    public override void WriteEvent(ChatEvent chatEvent, IBufferWriter<byte> output)
    {
        switch (chatEvent)
        {
            case ChatStarted started:
                _started = started;
                WriteChunk(output, static json =>
                {
                    json.WriteString("role", "assistant");
                    json.WriteString("content", "");
                    json.WriteNull("refusal");
                });
                break;
            case ChatText piece:
                WriteChunk(output, json => json.WriteString("content", piece.Text));
                break;
            case ChatFinished finished:
                _started = _started with { Fingerprint = finished.Fingerprint ?? _started.Fingerprint };
                WriteChunk(output, static _ => { }, finished);
                if (includeUsage)
                    WriteUsageChunk(output, finished.Usage);
                output.Write("data: [DONE]\n\n"u8);
                break;
        }
    }

    public override void WriteKeepAlive(ChatEvent? latest, IBufferWriter<byte> output)
    {
        string note = latest is ChatProgress progress
            ? $": prompt {progress.PromptTokensDone}/{progress.PromptTokens}\n\n"
            : ": keep-alive\n\n";
        Encoding.UTF8.GetBytes(note, output);
    }

    public override void WriteFailure(DialectError error, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        Errors.Write(error, output);
        output.Write("\n\n"u8);
    }

    public override void WriteWhole(ChatAnswer answer, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, Json.WriterOptions);
        _started = answer.Started with { Fingerprint = answer.Finished.Fingerprint ?? answer.Started.Fingerprint };
        json.WriteStartObject();
        WriteHead(json, "chat.completion");
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        json.WriteString("content", answer.Text);
        json.WriteNull("refusal");
        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", Name(answer.Finished.Reason));
        json.WriteEndObject();
        json.WriteEndArray();
        WriteUsage(json, answer.Finished.Usage);
        WriteReceipt(json, answer.Finished);
        json.WriteEndObject();
    }

    private void WriteChunk(IBufferWriter<byte> output, Action<Utf8JsonWriter> writeDelta, ChatFinished? end = null)
    {
        output.Write("data: "u8);
        using (var json = new Utf8JsonWriter(output, Json.WriterOptions))
        {
            json.WriteStartObject();
            WriteHead(json, "chat.completion.chunk");
            json.WriteStartArray("choices");
            json.WriteStartObject();
            json.WriteNumber("index", 0);
            json.WriteStartObject("delta");
            writeDelta(json);
            json.WriteEndObject();
            json.WriteNull("logprobs");
            json.WriteString("finish_reason", end is null ? null : Name(end.Reason));
            json.WriteEndObject();
            json.WriteEndArray();
            if (includeUsage)
                json.WriteNull("usage");
            if (end is not null)
                WriteReceipt(json, end);
            json.WriteEndObject();
        }

        output.Write("\n\n"u8);
    }

    private void WriteUsageChunk(IBufferWriter<byte> output, TokenUsage usage)
    {
        output.Write("data: "u8);
        using (var json = new Utf8JsonWriter(output, Json.WriterOptions))
        {
            json.WriteStartObject();
            WriteHead(json, "chat.completion.chunk");
            json.WriteStartArray("choices");
            json.WriteEndArray();
            WriteUsage(json, usage);
            json.WriteEndObject();
        }

        output.Write("\n\n"u8);
    }

    private void WriteHead(Utf8JsonWriter json, string kind)
    {
        json.WriteString("id", _id);
        json.WriteString("object", kind);
        json.WriteNumber("created", _created);
        json.WriteString("model", _started.Model);
        if (_started.Fingerprint is { } fingerprint)
            json.WriteString("system_fingerprint", fingerprint);
    }

    private static void WriteReceipt(Utf8JsonWriter json, ChatFinished finished)
    {
        if (finished.ReceiptId is { } id)
            json.WriteString("receipt_id", id);
    }

    private static void WriteUsage(Utf8JsonWriter json, TokenUsage usage)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", usage.PromptTokens);
        json.WriteNumber("completion_tokens", usage.CompletionTokens);
        json.WriteNumber("total_tokens", usage.TotalTokens);
        json.WriteStartObject("prompt_tokens_details");
        json.WriteNumber("cached_tokens", usage.CachedTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Name(FinishReason reason) => reason switch
    {
        FinishReason.Length => "length",
        _ => "stop",
    };
}
