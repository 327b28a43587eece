using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi.Responses;

/// <summary>One response: writes it whole, or as the Responses API's events, and keeps it.</summary>
/// <param name="request">What is asked of the model.</param>
/// <param name="draft">What the answer repeats.</param>
/// <param name="input">The request's own items, as they are kept.</param>
/// <param name="now">When it came.</param>
/// <param name="id">Its name.</param>
internal sealed class ResponseCall(ChatRequest request, ResponseDraft draft, JsonArray input, DateTimeOffset now, string id)
    : BackgroundCall([request], draft.Stream)
{
    private readonly ResponseObject _response = new(request.Model, draft, now.ToUnixTimeSeconds(), id);
    private readonly CustomCalls _calls = new(request.Tools);
    private OutputItem? _open;
    private int _sequence;

    public override string StreamContentType => EventStream.ContentType;

    public override ImmutableArray<DialectObject> Kept =>
        _response.Finished is null ? [] : StoredResponse.Of(JsonNode.Parse(_response.ToJson())!, input, draft);

    public override bool IsBackground => draft.Background;

    public override DialectObject Now => new(
        StoredResponse.Kind, _response.Id, new JsonObject { ["response"] = JsonNode.Parse(_response.ToJson()), ["input"] = input.DeepClone() }.ToJsonString());

    public override void WriteEvent(int choice, ChatEvent chatEvent, IBufferWriter<byte> output)
    {
        foreach (var turned in _calls.Turn(chatEvent))
            Write(turned, output);
    }

    private void Write(ChatEvent chatEvent, IBufferWriter<byte> output)
    {
        switch (chatEvent)
        {
            case ChatStarted started:
                _response.Model = started.Model;
                if (!_response.IsQueued)
                    Write(output, "response.created", json => _response.Write(json, "response"));
                _response.IsQueued = false;
                Write(output, "response.in_progress", json => _response.Write(json, "response"));
                break;
            case ChatThinking thought:
                Open(OutputKind.Reasoning, output);
                WriteDelta(output, $"response.{_open!.Told}.delta", thought.Text, []);
                break;
            case ChatText piece:
                Open(OutputKind.Message, output);
                WriteDelta(output, $"response.{_open!.Told}.delta", piece.Text, piece.LogProbs);
                break;
            case ChatToolCall call:
                if (call.Name is { } name)
                {
                    Close(output);
                    Begin(NewItem(KindOf(name), call.Id ?? "", name), output);
                }

                if (call.Arguments.Length > 0)
                    WriteDelta(output, $"response.{_open!.Told}.delta", call.Arguments, []);
                break;
            case ChatFinished finished:
                if (_response.Items.Count == 0)
                    Open(OutputKind.Message, output); // an answer without a word is an answer
                Close(output, finished.Reason == FinishReason.Length ? "incomplete" : "completed");
                _response.Finished = finished;
                Write(output, $"response.{_response.Status}", json => _response.Write(json, "response"));
                break;
        }
    }

    public override void WriteQueued(IBufferWriter<byte> output)
    {
        _response.IsQueued = true;
        foreach (string type in (string[])["response.created", "response.queued"])
            Write(output, type, json => _response.Write(json, "response"));
    }

    public override void WriteFailed(DialectError error, IBufferWriter<byte> output)
    {
        _response.Error = error;
        Write(output, "response.failed", json => _response.Write(json, "response"));
    }

    public override void WriteCancelled(IBufferWriter<byte> output)
    {
        // The API has no event for it: who follows sees the stream end.
        _response.IsQueued = false;
        _response.IsCancelled = true;
    }

    public override void WriteKeepAlive(ChatEvent? latest, IBufferWriter<byte> output) => EventStream.WriteKeepAlive(latest, output);

    public override void WriteFailure(DialectError error, IBufferWriter<byte> output) => Write(output, "error", json =>
    {
        json.WriteString("code", error.Code);
        json.WriteString("message", error.Message);
        json.WriteString("param", error.Param);
    });

    public override void WriteWhole(ImmutableArray<ChatAnswer> answers, IBufferWriter<byte> output)
    {
        var answer = answers[0];
        _response.Model = answer.Started.Model;
        if (answer.Thinking.Length > 0)
            Add(OutputKind.Reasoning, answer.Thinking);
        if (answer.Text.Length > 0 || answer.ToolCalls.IsEmpty)
            Add(OutputKind.Message, answer.Text, answer.LogProbs);
        foreach (var call in answer.ToolCalls)
        {
            var item = NewItem(KindOf(call.Name), call.Id, call.Name);
            item.Add(item.Kind == OutputKind.CustomCall ? CustomInputReader.Of(call.Arguments) : call.Arguments, []);
            _response.Items.Add(item);
        }

        _response.Finished = answer.Finished;
        using var json = new Utf8JsonWriter(output, Json.WriterOptions);
        _response.Write(json, null);
    }

    private void Add(OutputKind kind, string text, ImmutableArray<TokenLogProb> logProbs = default)
    {
        _response.Items.Add(NewItem(kind));
        _response.Items[^1].Add(text, logProbs.IsDefault ? [] : logProbs);
    }

    private OutputItem NewItem(OutputKind kind) => new(kind, _response.Items.Count, id);

    /// <summary>A call; in the background its id follows from the response's, so that one who saw it before a restart knows it again.</summary>
    private OutputItem NewItem(OutputKind kind, string callId, string name) => new(kind, _response.Items.Count, id)
    {
        Call = (IsBackground ? ResponseId.Of("call", id, $"call {_response.Items.Count}") : callId, name),
    };

    private OutputKind KindOf(string tool) => CustomCalls.IsCustom(request.Tools, tool) ? OutputKind.CustomCall : OutputKind.Call;

    private void Open(OutputKind kind, IBufferWriter<byte> output)
    {
        if (_open?.Kind == kind)
            return;
        Close(output);
        Begin(NewItem(kind), output);
    }

    private void Begin(OutputItem item, IBufferWriter<byte> output)
    {
        _open = item;
        _response.Items.Add(item);
        Write(output, "response.output_item.added", json =>
        {
            json.WriteNumber("output_index", item.Index);
            json.WritePropertyName("item");
            item.Write(json, "in_progress");
        });
        if (item.IsCall)
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
        Write(output, $"response.{item.Told}.done", json =>
        {
            WritePlace(json, item);
            if (item.Kind == OutputKind.Call)
                json.WriteString("name", item.Call.Name);
            if (item.IsCall)
            {
                json.WriteString(item.Kind == OutputKind.Call ? "arguments" : "input", item.Text);
                return;
            }

            json.WriteString("text", item.Text);
            if (item.Kind == OutputKind.Message)
                OutputItem.WriteLogProbs(json, []);
        });
        if (!item.IsCall)
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
        if (!item.IsCall)
            json.WriteNumber("content_index", 0);
    }

    private void Write(IBufferWriter<byte> output, string type, Action<Utf8JsonWriter> write) => EventStream.Write(
        output,
        json =>
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteNumber("sequence_number", _sequence++);
            write(json);
            json.WriteEndObject();
        },
        type);
}
