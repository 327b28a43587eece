using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Gateway.Dialects;

namespace Causerie.Gateway.Tests.Dialects;

/// <summary>Programs from before there were tools: their functions are tools, and answers are in the words that they know.</summary>
public sealed class LegacyFunctionTests
{
    private const string Weather = """{"name":"weather","description":"d","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}""";
    private const string Ask = """{"model":"m","messages":[{"role":"user","content":"q"}],"functions":[""" + Weather + ",{\"name\":\"now\"}]";

    private static readonly OpenAiChat OpenAi = new();

    [Theory]
    [InlineData("", ToolMode.Auto, "")]
    [InlineData(""" ,"function_call":"auto" """, ToolMode.Auto, "")]
    [InlineData(""" ,"function_call":"none" """, ToolMode.None, "")]
    [InlineData(""" ,"function_call":{"name":"now"} """, ToolMode.Required, "now")]
    public void Functions_are_tools_of_which_one_is_called(string more, ToolMode mode, string allowed)
    {
        var request = Read(Ask + more + "}").Request;
        Assert.Equal(["weather", "now"], request.Tools.Select(tool => tool.Name));
        Assert.Equal(("d", """{"type":"object","properties":{"city":{"type":"string"}}}"""), (request.Tools[0].Description, request.Tools[0].Parameters));
        Assert.Equal((mode, allowed, false), (request.ToolChoice.Mode, string.Join(',', request.ToolChoice.Allowed), request.ParallelToolCalls));
    }

    [Fact]
    public void Calls_and_what_they_gave_go_by_the_name()
    {
        var messages = Read(
            """
            {"model":"m","messages":[{"role":"user","content":"q"},
            {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"1"},
            {"role":"assistant","content":"so","function_call":{"name":"f","arguments":"{\"a\":1}"}},{"role":"function","name":"f","content":null}]}
            """).Request.Messages;
        Assert.Equal([ChatRole.User, ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant, ChatRole.Tool], messages.Select(message => message.Role));
        string[] ids = [.. messages.SelectMany(message => message.ToolCalls).Select(call => call.Id)];
        Assert.Equal(2, ids.Distinct().Count());
        Assert.All(ids, id => Assert.True(id.Length == 9 && id.All(char.IsAsciiLetterOrDigit), id));
        Assert.Equal(ids, messages.Where(message => message.Role == ChatRole.Tool).Select(message => message.ToolCallId));
        Assert.Equal([("", "f"), ("1", "f"), ("so", "{\"a\":1}"), ("", "f")], new[]
        {
            (messages[1].Text, messages[1].ToolCalls[0].Name), (messages[2].Text, messages[2].Name),
            (messages[3].Text, messages[3].ToolCalls[0].Arguments), (messages[4].Text, messages[4].Name),
        });
    }

    [Fact]
    public void An_answer_calls_in_the_older_words()
    {
        var call = Read(Ask + "}");
        var output = new ArrayBufferWriter<byte>();
        var started = new ChatStarted("m", null);
        var finished = new ChatFinished(FinishReason.ToolCalls, new TokenUsage(3, 2));
        call.WriteWhole([new ChatAnswer(started, "", finished) { ToolCalls = [new ToolCall("c1", "weather", "{\"city\":1}")] }], output);
        var choice = JsonDocument.Parse(output.WrittenMemory).RootElement.GetProperty("choices")[0];
        Assert.Equal(
            """{"role":"assistant","content":null,"refusal":null,"function_call":{"name":"weather","arguments":"{\"city\":1}"}}""",
            choice.GetProperty("message").GetRawText());
        Assert.Equal("function_call", choice.GetProperty("finish_reason").GetString());
    }

    [Fact]
    public void A_stream_calls_in_the_older_words()
    {
        var call = Read(Ask + """ ,"stream":true}""");
        var output = new ArrayBufferWriter<byte>();
        foreach (var one in (ChatEvent[])
        [
            new ChatStarted("m", null), new ChatToolCall(0, "{\"a\"") { Id = "c", Name = "now" }, new ChatToolCall(0, ":1}"),
            new ChatFinished(FinishReason.ToolCalls, new TokenUsage(3, 2)),
        ])
            call.WriteEvent(0, one, output);
        JsonElement[] choices =
        [
            .. Encoding.UTF8.GetString(output.WrittenSpan).Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
                .Where(data => data != "data: [DONE]").Select(data => JsonDocument.Parse(data["data: ".Length..]).RootElement.GetProperty("choices")[0]),
        ];
        Assert.Equal(4, choices.Length);
        Assert.Equal("""{"function_call":{"name":"now","arguments":"{\"a\""}}""", choices[1].GetProperty("delta").GetRawText());
        Assert.Equal("""{"function_call":{"arguments":":1}"}}""", choices[2].GetProperty("delta").GetRawText());
        Assert.Equal("function_call", choices[3].GetProperty("finish_reason").GetString());
    }

    [Theory]
    [InlineData("\"functions\":{}", "functions", "invalid_type")]
    [InlineData("\"functions\":[7]", "functions[0]", "invalid_type")]
    [InlineData("\"functions\":[{}]", "functions[0].name", "missing_required_parameter")]
    [InlineData(""" "functions":[{"name":"f","strict":true}]""", "functions[0].strict", "unknown_parameter")]
    [InlineData(""" "functions":[{"name":"f"},{"name":"f"}]""", "functions[1]", "invalid_value")]
    [InlineData(""" "functions":[{"name":"f","parameters":"x"}]""", "functions[0].parameters", "invalid_type")]
    [InlineData(""" "functions":[{"name":"f"}],"function_call":"required" """, "function_call", "invalid_value")]
    [InlineData(""" "functions":[{"name":"f"}],"function_call":{"name":"g"} """, "function_call", "invalid_value")]
    [InlineData(""" "functions":[{"name":"f"}],"function_call":{} """, "function_call.name", "missing_required_parameter")]
    [InlineData(""" "functions":[{"name":"f"}],"function_call":{"name":"f","x":1} """, "function_call.x", "unknown_parameter")]
    [InlineData(""" "functions":[{"name":"f"}],"function_call":7 """, "function_call", "invalid_type")]
    [InlineData(""" "function_call":{"name":"g"} """, "function_call", "invalid_value")]
    [InlineData(""" "functions":[{"name":"f"}],"tools":[{"type":"function","function":{"name":"g"}}]""", "functions", "invalid_value")]
    [InlineData(""" "functions":[{"name":"f"}],"tool_choice":"auto" """, "functions", "invalid_value")]
    [InlineData(""" "function_call":"auto","tools":[{"type":"function","function":{"name":"g"}}]""", "function_call", "invalid_value")]
    public void What_is_malformed_is_refused_by_name(string fields, string param, string code) =>
        AssertRefused("""{"model":"m","messages":[{"role":"user","content":"q"}],""" + fields + "}", param, code);

    [Theory]
    [InlineData("""{"role":"function","content":"x"}""", "messages[0].name", "missing_required_parameter")]
    [InlineData("""{"role":"function","content":"x","name":"f"}""", "messages[0].name", "invalid_value")]
    [InlineData("""{"role":"function","name":"f"}""", "messages[0].content", "missing_required_parameter")]
    [InlineData("""{"role":"function","content":"x","name":"f","tool_call_id":"1"}""", "messages[0].tool_call_id", "unknown_parameter")]
    [InlineData("""{"role":"user","content":"x","function_call":{"name":"f","arguments":"{}"}}""", "messages[0].function_call", "invalid_value")]
    [InlineData("""{"role":"assistant","function_call":{"arguments":"{}"}}""", "messages[0].function_call.name", "missing_required_parameter")]
    [InlineData("""{"role":"assistant","function_call":{"name":"f"}}""", "messages[0].function_call.arguments", "missing_required_parameter")]
    [InlineData("""{"role":"assistant","function_call":{"name":"f","arguments":{}}}""", "messages[0].function_call.arguments", "invalid_type")]
    [InlineData("""{"role":"assistant","function_call":{"name":"f","arguments":"","id":"x"}}""", "messages[0].function_call.id", "unknown_parameter")]
    [InlineData("""{"role":"assistant","function_call":"f"}""", "messages[0].function_call", "invalid_type")]
    [InlineData("""{"role":"assistant","function_call":{"name":"f","arguments":"{}"},"tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}}]}""", "messages[0].function_call", "invalid_value")]
    public void Messages_that_are_malformed_are_refused_by_name(string message, string param, string code) =>
        AssertRefused($$"""{"model":"m","messages":[{{message}}]}""", param, code);

    private static void AssertRefused(string json, string param, string code)
    {
        var error = Assert.Throws<RejectedException>(() => Read(json)).Error;
        Assert.Equal((400, param, code), (error.Status, error.Param, error.Code));
    }

    private static DialectCall Read(string json) =>
        OpenAi.Read(Encoding.UTF8.GetBytes(json), new DialectContext(DateTimeOffset.UnixEpoch, ImmutableArray<ModelCard>.Empty));
}
