using System.Buffers;
using System.Text;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Gateway.Dialects;

namespace Causerie.Gateway.Tests.Dialects;

/// <summary>Tools, forms of answers, probabilities and several answers: read, refused by name, and written.</summary>
public sealed class OpenAiToolTests
{
    private const string Weather =
        """{"type":"function","function":{"name":"weather","description":"d","parameters":{"type":"object","properties":{"city":{"type":"string"}}},"strict":true}}""";

    private static readonly OpenAiChat OpenAi = new();

    [Fact]
    public void Tools_are_read()
    {
        var request = Read(Hello + ",\"tools\":[" + Weather + """,{"type":"function","function":{"name":"now"}}],"parallel_tool_calls":false,"reasoning_effort":"low"}""").Request;
        Assert.Equal(["weather", "now"], request.Tools.Select(tool => tool.Name));
        Assert.Equal("d", request.Tools[0].Description);
        Assert.True(request.Tools[0].Strict);
        Assert.Equal("""{"type":"object","properties":{"city":{"type":"string"}}}""", request.Tools[0].Parameters);
        Assert.Equal("object", JsonDocument.Parse(request.Tools[1].Parameters).RootElement.GetProperty("type").GetString());
        Assert.False(request.ParallelToolCalls);
        Assert.Equal("low", request.ReasoningEffort);
        Assert.Equal(ToolMode.Auto, request.ToolChoice.Mode);
    }

    [Theory]
    [InlineData("\"none\"", ToolMode.None, "")]
    [InlineData("\"auto\"", ToolMode.Auto, "")]
    [InlineData("\"required\"", ToolMode.Required, "")]
    [InlineData("""{"type":"function","function":{"name":"weather"}}""", ToolMode.Required, "weather")]
    [InlineData("""{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"weather"}}]}}""", ToolMode.Auto, "weather")]
    public void Choices_of_tools(string choice, ToolMode mode, string allowed)
    {
        var read = Read($"{Hello},\"tool_choice\":{choice},\"tools\":[{Weather}]}}").Request.ToolChoice;
        Assert.Equal(mode, read.Mode);
        Assert.Equal(allowed, string.Join(',', read.Allowed));
    }

    [Fact]
    public void Calls_and_their_results_are_read()
    {
        var messages = Read(
            """
            {"messages":[{"role":"user","content":"q"},
            {"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"sun"}]}],"model":"m"}
            """).Request.Messages;
        Assert.Equal(new ToolCall("c1", "weather", "{}"), Assert.Single(messages[1].ToolCalls));
        Assert.Equal(("", "hm"), (messages[1].Text, messages[1].Thinking));
        Assert.Equal((ChatRole.Tool, "sun", "c1", "weather"), (messages[2].Role, messages[2].Text, messages[2].ToolCallId, messages[2].Name));
    }

    [Theory]
    [InlineData("\"tools\":{}", "tools", "invalid_type")]
    [InlineData("\"tools\":[{}]", "tools[0].type", "missing_required_parameter")]
    [InlineData("\"tools\":[{\"type\":\"function\"}]", "tools[0].function", "missing_required_parameter")]
    [InlineData("\"tools\":[{\"type\":\"web\"}]", "tools[0].type", "invalid_value")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{}}]", "tools[0].function.name", "missing_required_parameter")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a b\"}}]", "tools[0].function.name", "invalid_value")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"parameters\":[]}}]", "tools[0].function.parameters", "invalid_type")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"strict\":1}}]", "tools[0].function.strict", "invalid_type")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"more\":1}}]", "tools[0].function.more", "unknown_parameter")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}},{\"type\":\"function\",\"function\":{\"name\":\"a\"}}]", "tools[1]", "invalid_value")]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice", "invalid_value")]
    [InlineData("\"tool_choice\":\"sometimes\"", "tool_choice", "invalid_value")]
    [InlineData("\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"absent\"}}", "tool_choice", "invalid_value")]
    [InlineData("\"tool_choice\":{\"type\":\"function\"}", "tool_choice.function", "missing_required_parameter")]
    [InlineData("\"tool_choice\":7", "tool_choice", "invalid_type")]
    [InlineData("\"parallel_tool_calls\":1", "parallel_tool_calls", "invalid_type")]
    [InlineData("\"reasoning_effort\":\"huge\"", "reasoning_effort", "invalid_value")]
    [InlineData("\"response_format\":{}", "response_format.type", "missing_required_parameter")]
    [InlineData("\"response_format\":{\"type\":\"xml\"}", "response_format.type", "invalid_value")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\"}", "response_format.json_schema", "missing_required_parameter")]
    [InlineData("\"response_format\":{\"type\":\"text\",\"json_schema\":{\"name\":\"x\"}}", "response_format.json_schema", "invalid_value")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{}}", "response_format.json_schema.name", "missing_required_parameter")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":7}}", "response_format.json_schema.schema", "invalid_type")]
    [InlineData("\"response_format\":{\"type\":\"json_object\"},\"grammar\":\"root ::= \\\"a\\\"\"", "grammar", "invalid_value")]
    [InlineData("\"guided_choice\":[]", "guided_choice", "empty_array")]
    [InlineData("\"guided_choice\":[\"\"]", "guided_choice[0]", "empty_string")]
    [InlineData("\"guided_regex\":\"\"", "guided_regex", "empty_string")]
    [InlineData("\"n\":0", "n", "integer_below_min_value")]
    [InlineData("\"n\":129", "n", "integer_above_max_value")]
    [InlineData("\"top_logprobs\":3", "top_logprobs", "invalid_value")]
    [InlineData("\"logprobs\":true,\"top_logprobs\":21", "top_logprobs", "integer_above_max_value")]
    public void What_is_malformed_is_refused(string fields, string param, string code)
    {
        var error = Assert.Throws<RejectedException>(() => Read($"{Hello},{fields}}}")).Error;
        Assert.Equal((400, param, code), (error.Status, error.Param, error.Code));
    }

    [Theory]
    [InlineData("""[{"role":"tool","content":"x"}]""", "messages[0].tool_call_id", "missing_required_parameter")]
    [InlineData("""[{"role":"tool","content":"x","tool_call_id":"c1"}]""", "messages[0].tool_call_id", "invalid_value")]
    [InlineData("""[{"role":"user","content":"x","tool_call_id":"c1"}]""", "messages[0].tool_call_id", "invalid_value")]
    [InlineData("""[{"role":"user","content":"x","tool_calls":[{}]}]""", "messages[0].tool_calls", "invalid_value")]
    [InlineData("""[{"role":"assistant","tool_calls":[{}]}]""", "messages[0].tool_calls[0].function", "missing_required_parameter")]
    [InlineData("""[{"role":"assistant","tool_calls":[{"type":"web","id":"1"}]}]""", "messages[0].tool_calls[0].type", "unsupported_value")]
    [InlineData("""[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}]""", "messages[0].tool_calls[0].id", "missing_required_parameter")]
    [InlineData("""[{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f"}}]}]""", "messages[0].tool_calls[0].function.arguments", "missing_required_parameter")]
    public void Malformed_turns_of_tools_are_refused(string messages, string param, string code)
    {
        var error = Assert.Throws<RejectedException>(() => Read($$"""{"model":"m","messages":{{messages}}}""")).Error;
        Assert.Equal((param, code), (error.Param, error.Code));
    }

    [Theory]
    [InlineData("\"response_format\":{\"type\":\"json_object\"}", "json_schema", """{"type":"object"}""")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"strict\":true,\"schema\":{\"type\":\"null\"}}}", "json_schema", """{"type":"null"}""")]
    [InlineData("\"json_schema\":{\"type\":\"null\"}", "json_schema", """{"type":"null"}""")]
    [InlineData("\"grammar\":\"root ::= \\\"a\\\"\"", "gbnf", "root ::= \"a\"")]
    [InlineData("\"guided_regex\":\"a+\"", "regex", "a+")]
    [InlineData("\"guided_choice\":[\"a\",\"b\"]", "choice", """["a","b"]""")]
    public void Forms_of_answers(string field, string kind, string source)
    {
        var grammar = Read($"{Hello},{field}}}").Request.Grammar!;
        Assert.Equal((kind, source), (grammar.Kind, grammar.Source));
    }

    [Fact]
    public void Several_answers_have_seeds_of_their_own()
    {
        Assert.Equal([7UL, 8UL, 9UL], Read($"{Hello},\"n\":3,\"seed\":7}}").Requests.Select(request => request.Sampling.Seed!.Value));
        Assert.Equal(2, Read($"{Hello},\"n\":2}}").Requests.Length);
    }

    [Fact]
    public void Calls_are_written_whole_and_streamed()
    {
        var finished = new ChatFinished(FinishReason.ToolCalls, new TokenUsage(9, 2));
        var answer = new ChatAnswer(new ChatStarted("m", null), "", finished)
        {
            Thinking = "hm",
            ToolCalls = [new ToolCall("c1", "weather", "{\"city\":\"Paris\"}")],
        };
        var choice = JsonDocument.Parse(Written(output => Read(Hello + "}").WriteWhole([answer], output))).RootElement.GetProperty("choices")[0];
        Assert.Equal(
            """{"role":"assistant","content":null,"refusal":null,"reasoning_content":"hm","tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Paris\"}"}}]}""",
            choice.GetProperty("message").GetRawText());
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());

        var call = Read(Hello + ",\"stream\":true}");
        string streamed = Written(output =>
        {
            call.WriteEvent(0, new ChatThinking("hm"), output);
            call.WriteEvent(0, new ChatToolCall(0, "{\"ci") { Id = "c1", Name = "weather" }, output);
            call.WriteEvent(0, new ChatToolCall(0, "ty\":1}"), output);
        });
        Assert.Contains("""{"reasoning_content":"hm"}""", streamed, StringComparison.Ordinal);
        Assert.Contains("""{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"ci"}}]}""", streamed, StringComparison.Ordinal);
        Assert.Contains("""{"tool_calls":[{"index":0,"function":{"arguments":"ty\":1}"}}]}""", streamed, StringComparison.Ordinal);
    }

    [Fact]
    public void Probabilities_are_written_where_they_were_asked_for()
    {
        var token = new TokenLogProb([.. "é"u8], -0.5f) { Top = [new TokenLogProb([.. "é"u8], -0.5f), new TokenLogProb([0xC3], -1)] };
        var answer = new ChatAnswer(new ChatStarted("m", null), "é", new ChatFinished(FinishReason.Stop, new TokenUsage(1, 1))) { LogProbs = [token] };
        string written = Written(output => Read(Hello + ",\"logprobs\":true,\"top_logprobs\":2}").WriteWhole([answer], output));
        Assert.Contains(
            """
            "logprobs":{"content":[{"token":"é","logprob":-0.5,"bytes":[195,169],"top_logprobs":[{"token":"é","logprob":-0.5,"bytes":[195,169]},{"token":"�","logprob":-1,"bytes":[195]}]}],"refusal":null}
            """,
            written, StringComparison.Ordinal);
    }

    [Fact]
    public void The_end_of_a_stream_comes_when_all_answers_are_over()
    {
        var call = Read(Hello + ",\"n\":2,\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
        string written = Written(output =>
        {
            call.WriteEvent(0, new ChatStarted("m", null), output);
            call.WriteEvent(1, new ChatStarted("m", null), output);
            call.WriteEvent(1, new ChatFinished(FinishReason.Stop, new TokenUsage(5, 2)), output);
        });
        Assert.DoesNotContain("[DONE]", written, StringComparison.Ordinal);
        written = Written(output => call.WriteEvent(0, new ChatFinished(FinishReason.Length, new TokenUsage(5, 3)), output));
        Assert.EndsWith("data: [DONE]\n\n", written, StringComparison.Ordinal);
        Assert.Contains("\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":5,\"total_tokens\":10", written, StringComparison.Ordinal);
    }

    private const string Hello = """{"model":"m","messages":[{"role":"user","content":"Hello"}]""";

    private static DialectCall Read(string body) =>
        OpenAi.Read(Encoding.UTF8.GetBytes(body), new DialectContext(DateTimeOffset.UnixEpoch, []));

    private static string Written(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
