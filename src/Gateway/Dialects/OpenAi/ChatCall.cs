using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>One chat completion: writes its answers whole, or as <c>chat.completion.chunk</c> events.</summary>
/// <param name="requests">One for each answer.</param>
/// <param name="streams">Whether the answers are streamed.</param>
/// <param name="includeUsage">Whether a stream tells the usage.</param>
/// <param name="legacy">Whether calls go by the older name <c>function_call</c>.</param>
/// <param name="stored">What is kept with the completion; null keeps nothing.</param>
/// <param name="now">When it was asked.</param>
internal sealed class ChatCall(
    ImmutableArray<ChatRequest> requests, bool streams, bool includeUsage, bool legacy, JsonObject? stored, DateTimeOffset now)
    : DialectCall(requests, streams)
{
    /// <summary>Under which kind completions are kept.</summary>
    public const string Kind = "chat.completion";

    private readonly AnswerBuilder[] _answers = [.. requests.Select(_ => new AnswerBuilder())]; // of a stream that is kept
    private readonly CustomCalls[] _calls = [.. requests.Select(request => new CustomCalls(request.Tools))];
    private string? _whole;
    private readonly string _id = EventStream.NewId("chatcmpl-");
    private readonly long _created = now.ToUnixTimeSeconds();
    private readonly List<TokenUsage> _usages = [];
    private ChatStarted _started = new(requests[0].Model, null);

    public override string StreamContentType => EventStream.ContentType;

    public override ImmutableArray<DialectObject> Kept
    {
        get
        {
            if (stored is null)
                return [];
            if (Streams)
            {
                if (_usages.Count < Requests.Length)
                    return [];
                WriteWhole([.. _answers.Select(answer => answer.ToAnswer())], new ArrayBufferWriter<byte>());
            }

            var kept = JsonNode.Parse(_whole!)!.AsObject();
            kept["metadata"] = stored["metadata"]?.DeepClone() ?? new JsonObject();
            return [new DialectObject(Kind, _id, new JsonObject { ["completion"] = kept, ["messages"] = stored["messages"]?.DeepClone() }.ToJsonString())];
        }
    }

    private bool TellsLogProbs => Requests[0].LogProbs is not null;

    public override void WriteEvent(int choice, ChatEvent chatEvent, IBufferWriter<byte> output)
    {
        if (stored is not null)
            _answers[choice].Add(chatEvent);
        foreach (var turned in _calls[choice].Turn(chatEvent))
            Write(choice, turned, output);
    }

    private void Write(int choice, ChatEvent chatEvent, IBufferWriter<byte> output)
    {
        switch (chatEvent)
        {
            case ChatStarted started:
                _started = started;
                WriteChunk(output, choice, static json =>
                {
                    json.WriteString("role", "assistant");
                    json.WriteString("content", "");
                    json.WriteNull("refusal");
                });
                break;
            case ChatThinking thought:
                WriteChunk(output, choice, json => json.WriteString("reasoning_content", thought.Text));
                break;
            case ChatText piece:
                WriteChunk(output, choice, json => json.WriteString("content", piece.Text), piece.LogProbs);
                break;
            case ChatToolCall call:
                WriteChunk(output, choice, json => ChatJson.WriteDelta(json, call, legacy, _calls[choice].Has(call.Index)));
                break;
            case ChatFinished finished:
                _started = _started with { Fingerprint = finished.Fingerprint ?? _started.Fingerprint };
                _usages.Add(finished.Usage);
                WriteChunk(output, choice, static _ => { }, [], finished);
                if (_usages.Count < Requests.Length)
                    break;
                if (includeUsage)
                    WriteUsageChunk(output);
                EventStream.WriteDone(output);
                break;
        }
    }

    public override void WriteKeepAlive(ChatEvent? latest, IBufferWriter<byte> output) => EventStream.WriteKeepAlive(latest, output);

    public override void WriteFailure(DialectError error, IBufferWriter<byte> output) => EventStream.WriteFailure(error, output);

    public override void WriteWhole(ImmutableArray<ChatAnswer> answers, IBufferWriter<byte> output)
    {
        var whole = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(whole, Json.WriterOptions))
            WriteWhole(answers, json);
        _whole = stored is null ? null : Encoding.UTF8.GetString(whole.WrittenSpan);
        output.Write(whole.WrittenSpan);
    }

    private void WriteWhole(ImmutableArray<ChatAnswer> answers, Utf8JsonWriter json)
    {
        var first = answers[0];
        _started = first.Started with { Fingerprint = first.Finished.Fingerprint ?? first.Started.Fingerprint };
        json.WriteStartObject();
        WriteHead(json, "chat.completion");
        json.WriteStartArray("choices");
        for (int i = 0; i < answers.Length; i++)
            WriteChoice(json, i, answers[i]);
        json.WriteEndArray();
        ChatJson.WriteUsage(json, "usage", [.. answers.Select(answer => answer.Finished.Usage)]);
        if (answers.Length == 1)
            WriteReceipt(json, first.Finished);
        json.WriteEndObject();
    }

    private void WriteChoice(Utf8JsonWriter json, int index, ChatAnswer answer)
    {
        json.WriteStartObject();
        json.WriteNumber("index", index);
        ChatJson.WriteMessage(json, answer, legacy, Requests[0].Tools);
        ChatJson.WriteLogProbs(json, answer.LogProbs, TellsLogProbs);
        json.WriteString("finish_reason", ChatJson.Name(answer.Finished.Reason, legacy));
        if (Requests.Length > 1)
            WriteReceipt(json, answer.Finished);
        json.WriteEndObject();
    }

    private void WriteChunk(
        IBufferWriter<byte> output, int choice, Action<Utf8JsonWriter> writeDelta, ImmutableArray<TokenLogProb> logProbs = default,
        ChatFinished? end = null)
    {
        EventStream.Write(output, json =>
        {
            json.WriteStartObject();
            WriteHead(json, "chat.completion.chunk");
            json.WriteStartArray("choices");
            json.WriteStartObject();
            json.WriteNumber("index", choice);
            json.WriteStartObject("delta");
            writeDelta(json);
            json.WriteEndObject();
            ChatJson.WriteLogProbs(json, logProbs.IsDefault ? [] : logProbs, TellsLogProbs && !logProbs.IsDefaultOrEmpty);
            json.WriteString("finish_reason", end is null ? null : ChatJson.Name(end.Reason, legacy));
            json.WriteEndObject();
            json.WriteEndArray();
            if (includeUsage)
                json.WriteNull("usage");
            if (end is not null)
                WriteReceipt(json, end);
            json.WriteEndObject();
        });
    }

    private void WriteUsageChunk(IBufferWriter<byte> output) => EventStream.Write(output, json =>
    {
        json.WriteStartObject();
        WriteHead(json, "chat.completion.chunk");
        json.WriteStartArray("choices");
        json.WriteEndArray();
        ChatJson.WriteUsage(json, "usage", [.. _usages]);
        json.WriteEndObject();
    });

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
}
