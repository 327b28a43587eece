using System.Buffers;
using System.Text;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Gateway.Dialects;

namespace Causerie.Gateway.Tests.Dialects;

/// <summary>Calls whose arguments come in pieces, as both dialects write them.</summary>
public sealed class StreamedCallTests
{
    private static readonly ChatEvent[] Calls =
    [
        new ChatStarted("m", null),
        new ChatText("So:"),
        new ChatToolCall(0, "") { Id = "c1", Name = "f" },
        new ChatToolCall(0, "{\"a\""),
        new ChatToolCall(0, ": \"é"),
        new ChatToolCall(0, "\"}"),
        new ChatToolCall(1, "{}") { Id = "c2", Name = "g" },
        new ChatToolCall(2, "") { Id = "c3", Name = "f" },
        new ChatToolCall(2, "{\"a\": 1"),
    ];

    [Fact]
    public void Chunks_of_a_chat_have_the_name_first_then_pieces_of_arguments()
    {
        var call = new OpenAiChat().Read(Utf8(
            """{"model":"m","messages":[{"role":"user","content":"Hello"}],"stream":true}"""), new DialectContext(DateTimeOffset.UnixEpoch, []));
        var chunks = Written(call, FinishReason.ToolCalls).Select(chunk => chunk.GetProperty("choices")[0]).ToList();
        Assert.Equal(
            [
                """[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]""",
                """[{"index":0,"function":{"arguments":"{\"a\""}}]""",
                """[{"index":0,"function":{"arguments":": \"é"}}]""",
                """[{"index":0,"function":{"arguments":"\"}"}}]""",
                """[{"index":1,"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]""",
                """[{"index":2,"id":"c3","type":"function","function":{"name":"f","arguments":""}}]""",
                """[{"index":2,"function":{"arguments":"{\"a\": 1"}}]""",
            ],
            chunks.Select(choice => choice.GetProperty("delta")).Where(delta => delta.TryGetProperty("tool_calls", out _))
                .Select(delta => delta.GetProperty("tool_calls").GetRawText()));
        Assert.Equal("tool_calls", chunks[^1].GetProperty("finish_reason").GetString());
    }

    [Theory]
    [InlineData(FinishReason.ToolCalls, "completed")]
    [InlineData(FinishReason.Length, "incomplete")]
    public void Events_of_a_response_come_in_their_order(FinishReason reason, string status)
    {
        var call = new OpenAiResponses().Read(Utf8(
            """{"model":"m","input":"Hello","store":false,"stream":true}"""), new DialectContext(DateTimeOffset.UnixEpoch, []));
        var events = Written(call, reason);
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(one => one.GetProperty("sequence_number").GetInt32()));
        const string delta = "response.function_call_arguments.delta", done = "response.function_call_arguments.done";
        const string added = "response.output_item.added", ended = "response.output_item.done";
        var told = events.SkipWhile(one => one.GetProperty("type").GetString() != ended).Skip(1).ToList(); // behind the message
        Assert.Equal(
            [added, delta, delta, delta, done, ended, added, delta, done, ended, added, delta, done, ended, $"response.{status}"],
            told.Select(one => one.GetProperty("type").GetString()));
        Assert.Equal(
            ["{\"a\"", ": \"é", "\"}", "{}", "{\"a\": 1"],
            told.Where(one => one.GetProperty("type").GetString() == delta).Select(one => one.GetProperty("delta").GetString()));
        Assert.Equal("", told[0].GetProperty("item").GetProperty("arguments").GetString());
        Assert.Equal(
            [("c1", "{\"a\": \"é\"}", "completed"), ("c2", "{}", "completed"), ("c3", "{\"a\": 1", status)],
            told.Where(one => one.GetProperty("type").GetString() == ended).Select(one => one.GetProperty("item")).Select(
                item => (item.GetProperty("call_id").GetString(), item.GetProperty("arguments").GetString(), item.GetProperty("status").GetString())));
        Assert.Equal([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3], told[..^1].Select(one => one.GetProperty("output_index").GetInt32()));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static List<JsonElement> Written(DialectCall call, FinishReason reason)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var one in Calls.Append(new ChatFinished(reason, new TokenUsage(9, 9))))
            call.WriteEvent(0, one, output);
        return [.. Encoding.UTF8.GetString(output.WrittenSpan).Split('\n')
            .Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => JsonDocument.Parse(line[6..]).RootElement)];
    }
}
