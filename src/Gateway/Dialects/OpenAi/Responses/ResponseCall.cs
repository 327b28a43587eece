using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi.Responses;

/// <summary>One response: writes it whole, or as the Responses API's events, and keeps it.</summary>
/// <param name="request">What is asked of the model.</param>
/// <param name="draft">What the answer repeats.</param>
/// <param name="input">The request's own items, as they are kept.</param>
/// <param name="now">When it came.</param>
internal sealed class ResponseCall(ChatRequest request, ResponseDraft draft, JsonArray input, DateTimeOffset now)
    : BackgroundCall([request], draft.Stream)
{
    private readonly string _id = ResponseId.New("resp");
    private readonly long _created = now.ToUnixTimeSeconds();
    private readonly List<OutputItem> _items = [];
    private OutputItem? _open;
    private string _model = request.Model;
    private ChatFinished? _finished;
    private DialectError? _error;
    private bool _queued;
    private bool _cancelled;
    private int _sequence;

    public override string StreamContentType => "text/event-stream; charset=utf-8";

    public override ImmutableArray<DialectObject> Kept
    {
        get
        {
            if (_finished is null)
                return [];
            var response = JsonNode.Parse(Written())!;
            var kept = ImmutableArray.CreateBuilder<DialectObject>();
            if (draft.Store)
            {
                var whole = new JsonObject { ["response"] = response, ["input"] = input.DeepClone() };
                kept.Add(new DialectObject(ResponseDraft.Kind, _id, whole.ToJsonString()));
                foreach (var item in response["output"]!.AsArray())
                    kept.Add(new DialectObject(ResponseDraft.ItemKind, (string)item!["id"]!, item.ToJsonString()));
            }

            if (draft.Conversation is { } conversation)
            {
                foreach (var item in input.Concat(response["output"]!.AsArray()))
                    kept.Add(new DialectObject(ConversationBody.ItemKind(conversation), (string)item!["id"]!, item.ToJsonString()));
            }

            return kept.ToImmutable();
        }
    }

    public override bool IsBackground => draft.Background;

    public override DialectObject Now => new(
        ResponseDraft.Kind, _id, new JsonObject { ["response"] = JsonNode.Parse(Written()), ["input"] = input.DeepClone() }.ToJsonString());

    private string Status => _error is not null ? "failed" : _cancelled ? "cancelled" : _queued ? "queued"
        : _finished is null ? "in_progress" : _finished.Reason == FinishReason.Length ? "incomplete" : "completed";

    public override void WriteEvent(int choice, ChatEvent chatEvent, IBufferWriter<byte> output)
    {
        switch (chatEvent)
        {
            case ChatStarted started:
                _model = started.Model;
                if (!_queued)
                    Write(output, "response.created", json => WriteResponse(json, "response"));
                _queued = false;
                Write(output, "response.in_progress", json => WriteResponse(json, "response"));
                break;
            case ChatThinking thought:
                Open(OutputKind.Reasoning, output);
                WriteDelta(output, "response.reasoning_text.delta", thought.Text, []);
                break;
            case ChatText piece:
                Open(OutputKind.Message, output);
                WriteDelta(output, "response.output_text.delta", piece.Text, piece.LogProbs);
                break;
            case ChatToolCall call:
                if (call.Name is { } name)
                {
                    Close(output);
                    Begin(new OutputItem(OutputKind.Call, _items.Count) { Call = (call.Id ?? "", name) }, output);
                }

                WriteDelta(output, "response.function_call_arguments.delta", call.Arguments, []);
                break;
            case ChatFinished finished:
                if (_items.Count == 0)
                    Open(OutputKind.Message, output); // an answer without a word is an answer
                Close(output, finished.Reason == FinishReason.Length ? "incomplete" : "completed");
                _finished = finished;
                Write(output, $"response.{Status}", json => WriteResponse(json, "response"));
                break;
        }
    }

    public override void WriteQueued(IBufferWriter<byte> output)
    {
        _queued = true;
        foreach (string type in (string[])["response.created", "response.queued"])
            Write(output, type, json => WriteResponse(json, "response"));
    }

    public override void WriteFailed(DialectError error, IBufferWriter<byte> output)
    {
        _error = error;
        Write(output, "response.failed", json => WriteResponse(json, "response"));
    }

    public override void WriteCancelled(IBufferWriter<byte> output)
    {
        // The API has no event for it: who follows sees the stream end.
        _queued = false;
        _cancelled = true;
    }

    public override void WriteKeepAlive(ChatEvent? latest, IBufferWriter<byte> output) =>
        Encoding.UTF8.GetBytes(": keep-alive\n\n", output);

    public override void WriteFailure(DialectError error, IBufferWriter<byte> output) => Write(output, "error", json =>
    {
        json.WriteString("code", error.Code);
        json.WriteString("message", error.Message);
        json.WriteString("param", error.Param);
    });

    public override void WriteWhole(ImmutableArray<ChatAnswer> answers, IBufferWriter<byte> output)
    {
        var answer = answers[0];
        _model = answer.Started.Model;
        if (answer.Thinking.Length > 0)
            Add(OutputKind.Reasoning, answer.Thinking);
        if (answer.Text.Length > 0 || answer.ToolCalls.IsEmpty)
            Add(OutputKind.Message, answer.Text, answer.LogProbs);
        foreach (var call in answer.ToolCalls)
        {
            _items.Add(new OutputItem(OutputKind.Call, _items.Count) { Call = (call.Id, call.Name) });
            _items[^1].Add(call.Arguments, []);
        }

        _finished = answer.Finished;
        using var json = new Utf8JsonWriter(output, Json.WriterOptions);
        WriteResponse(json, null);
    }

    private string Written()
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Json.WriterOptions))
            WriteResponse(json, null);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private void Add(OutputKind kind, string text, ImmutableArray<TokenLogProb> logProbs = default)
    {
        _items.Add(new OutputItem(kind, _items.Count));
        _items[^1].Add(text, logProbs.IsDefault ? [] : logProbs);
    }

    private void Open(OutputKind kind, IBufferWriter<byte> output)
    {
        if (_open?.Kind == kind)
            return;
        Close(output);
        Begin(new OutputItem(kind, _items.Count), output);
    }

    private void Begin(OutputItem item, IBufferWriter<byte> output)
    {
        _open = item;
        _items.Add(item);
        Write(output, "response.output_item.added", json =>
        {
            json.WriteNumber("output_index", item.Index);
            json.WritePropertyName("item");
            item.Write(json, "in_progress");
        });
        if (item.Kind == OutputKind.Call)
            return;
        Write(output, "response.content_part.added", json =>
        {
            WritePlace(json, item);
            json.WritePropertyName("part");
            item.WritePart(json, "");
        });
    }

    private void WriteDelta(IBufferWriter<byte> output, string type, string text, ImmutableArray<TokenLogProb> logProbs)
    {
        _open!.Add(text, logProbs);
        Write(output, type, json =>
        {
            WritePlace(json, _open);
            json.WriteString("delta", text);
            if (_open.Kind == OutputKind.Message)
                OutputItem.WriteLogProbs(json, logProbs);
        });
    }

    private void Close(IBufferWriter<byte> output, string status = "completed")
    {
        if (_open is not { } item)
            return;
        _open = null;
        Write(output, item.Kind switch
        {
            OutputKind.Reasoning => "response.reasoning_text.done",
            OutputKind.Message => "response.output_text.done",
            _ => "response.function_call_arguments.done",
        }, json =>
        {
            WritePlace(json, item);
            if (item.Kind == OutputKind.Call)
            {
                json.WriteString("name", item.Call.Name);
                json.WriteString("arguments", item.Text);
                return;
            }

            json.WriteString("text", item.Text);
            if (item.Kind == OutputKind.Message)
                OutputItem.WriteLogProbs(json, []);
        });
        if (item.Kind != OutputKind.Call)
        {
            Write(output, "response.content_part.done", json =>
            {
                WritePlace(json, item);
                json.WritePropertyName("part");
                item.WritePart(json, item.Text);
            });
        }

        Write(output, "response.output_item.done", json =>
        {
            json.WriteNumber("output_index", item.Index);
            json.WritePropertyName("item");
            item.Write(json, status);
        });
    }

    private static void WritePlace(Utf8JsonWriter json, OutputItem item)
    {
        json.WriteString("item_id", item.Id);
        json.WriteNumber("output_index", item.Index);
        if (item.Kind != OutputKind.Call)
            json.WriteNumber("content_index", 0);
    }

    private void Write(IBufferWriter<byte> output, string type, Action<Utf8JsonWriter> write)
    {
        Encoding.UTF8.GetBytes($"event: {type}\ndata: ", output);
        using (var json = new Utf8JsonWriter(output, Json.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteNumber("sequence_number", _sequence++);
            write(json);
            json.WriteEndObject();
        }

        output.Write("\n\n"u8);
    }

    private void WriteResponse(Utf8JsonWriter json, string? property)
    {
        if (property is not null)
            json.WritePropertyName(property);
        json.WriteStartObject();
        json.WriteString("id", _id);
        json.WriteString("object", "response");
        json.WriteNumber("created_at", _created);
        json.WriteString("status", Status);
        json.WriteBoolean("background", draft.Background);
        if (_error is { } error)
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

        json.WriteString("model", _model);
        json.WriteStartArray("output");
        if (_finished is not null)
        {
            foreach (var item in _items)
                item.Write(json, item.Index == _items.Count - 1 ? Status : "completed");
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
        if (_finished is { } finished)
            WriteUsage(json, finished.Usage);
        if (_finished?.ReceiptId is { } receipt)
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
        json.WriteString("truncation", "disabled");
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
