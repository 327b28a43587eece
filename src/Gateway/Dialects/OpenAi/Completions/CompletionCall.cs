using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi.Completions;

/// <summary>Completions of texts: writes them whole, or as events.</summary>
/// <param name="requests">One for each answer; those to one prompt stand together.</param>
/// <param name="choices">Answers to each prompt.</param>
/// <param name="streams">Whether they are streamed.</param>
/// <param name="includeUsage">Whether a stream tells the usage.</param>
/// <param name="echo">Whether the prompt stands before the answer.</param>
/// <param name="now">When it was asked.</param>
internal sealed class CompletionCall(
    ImmutableArray<ChatRequest> requests, int choices, bool streams, bool includeUsage, bool echo, DateTimeOffset now)
    : DialectCall(requests, streams)
{
    private readonly string _id = EventStream.NewId("cmpl-");
    private readonly TokenUsage?[] _usages = new TokenUsage?[requests.Length];
    private readonly int[] _offsets = new int[requests.Length]; // characters of each answer that were told
    private ChatStarted _started = new(requests[0].Model, null);

    public override string StreamContentType => EventStream.ContentType;

    public override void WriteEvent(int choice, ChatEvent chatEvent, IBufferWriter<byte> output)
    {
        switch (chatEvent)
        {
            case ChatStarted started:
                _started = started;
                if (echo)
                    WriteChunk(output, choice, Requests[choice].Text!, [], null);
                break;
            case ChatText piece:
                WriteChunk(output, choice, piece.Text, piece.LogProbs, null);
                break;
            case ChatFinished finished:
                _usages[choice] = finished.Usage;
                WriteChunk(output, choice, "", [], finished);
                if (_usages.Contains(null))
                    break;
                if (includeUsage)
                    EventStream.Write(output, json => WriteObject(json, [], tellsUsage: true));
                EventStream.WriteDone(output);
                break;
        }
    }

    public override void WriteKeepAlive(ChatEvent? latest, IBufferWriter<byte> output) => EventStream.WriteKeepAlive(latest, output);

    public override void WriteFailure(DialectError error, IBufferWriter<byte> output) => EventStream.WriteFailure(error, output);

    public override void WriteWhole(ImmutableArray<ChatAnswer> answers, IBufferWriter<byte> output)
    {
        _started = answers[0].Started;
        for (int i = 0; i < answers.Length; i++)
            _usages[i] = answers[i].Finished.Usage;
        using var json = new Utf8JsonWriter(output, Json.WriterOptions);
        WriteObject(
            json,
            [
                .. answers.Select((answer, i) => (Action)(() => WriteChoice(
                    json, i, (echo ? Requests[i].Text : "") + answer.Text, answer.LogProbs, answer.Finished))),
            ], tellsUsage: true);
    }

    private void WriteChunk(IBufferWriter<byte> output, int choice, string text, ImmutableArray<TokenLogProb> logProbs, ChatFinished? end) =>
        EventStream.Write(output, json => WriteObject(json, [() => WriteChoice(json, choice, text, logProbs, end)], tellsUsage: false));

    private void WriteObject(Utf8JsonWriter json, ImmutableArray<Action> choicesOfIt, bool tellsUsage)
    {
        json.WriteStartObject();
        json.WriteString("id", _id);
        json.WriteString("object", "text_completion");
        json.WriteNumber("created", now.ToUnixTimeSeconds());
        json.WriteString("model", _started.Model);
        if (_started.Fingerprint is { } fingerprint)
            json.WriteString("system_fingerprint", fingerprint);
        json.WriteStartArray("choices");
        foreach (var write in choicesOfIt)
            write();
        json.WriteEndArray();
        if (tellsUsage)
            WriteUsage(json);
        json.WriteEndObject();
    }

    private void WriteChoice(Utf8JsonWriter json, int index, string text, ImmutableArray<TokenLogProb> logProbs, ChatFinished? end)
    {
        json.WriteStartObject();
        json.WriteString("text", text);
        json.WriteNumber("index", index);
        if (Requests[index].LogProbs is null || (logProbs.IsEmpty && end is null))
            json.WriteNull("logprobs");
        else
            WriteLogProbs(json, index, logProbs);
        json.WriteString("finish_reason", end is null ? null : ChatJson.Name(end.Reason));
        json.WriteEndObject();
    }

    private void WriteLogProbs(Utf8JsonWriter json, int index, ImmutableArray<TokenLogProb> tokens)
    {
        json.WriteStartObject("logprobs");
        json.WriteStartArray("tokens");
        foreach (var token in tokens)
            json.WriteStringValue(Spelling(token));
        json.WriteEndArray();
        json.WriteStartArray("token_logprobs");
        foreach (var token in tokens)
            json.WriteNumberValue(Math.Max(token.LogProb, -9999));
        json.WriteEndArray();
        json.WriteStartArray("top_logprobs");
        foreach (var token in tokens)
        {
            json.WriteStartObject();
            foreach (var (spelling, logProb) in token.Top.GroupBy(Spelling).Select(group => (group.Key, group.Max(top => top.LogProb))))
                json.WriteNumber(spelling, Math.Max(logProb, -9999));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("text_offset");
        foreach (var token in tokens)
        {
            json.WriteNumberValue(_offsets[index]);
            _offsets[index] += Spelling(token).Length;
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteUsage(Utf8JsonWriter json)
    {
        // A prompt that has several answers is read once.
        int prompt = _usages.Where((_, i) => i % choices == 0).Sum(usage => usage!.PromptTokens);
        int completion = _usages.Sum(usage => usage!.CompletionTokens);
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", prompt);
        json.WriteNumber("completion_tokens", completion);
        json.WriteNumber("total_tokens", prompt + completion);
        json.WriteEndObject();
    }

    private static string Spelling(TokenLogProb token) => Encoding.UTF8.GetString([.. token.Bytes]);
}
