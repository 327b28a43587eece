using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Gateway.Dialects;

namespace Causerie.Gateway.Tests.Dialects;

/// <summary>Custom tools in both dialects: read, refused by name, called, and their calls taken back.</summary>
public sealed class OpenAiCustomToolTests
{
    private const string Chat = """{"model":"m","messages":[{"role":"user","content":"Hello"}]""";
    private const string Response = """{"model":"m","input":"Hello","store":false""";
    private const string Run = """{"type":"custom","custom":{"name":"run","description":"d","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: \"a\""}}}}""";
    private const string Flat = """{"type":"custom","name":"run","description":"d","format":{"type":"grammar","syntax":"lark","definition":"start: \"a\""}}""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void They_are_functions_with_one_text_for_the_model(bool responses)
    {
        var tools = Read(responses, $"\"tools\":[{(responses ? Flat : Run)}]").Request.Tools;
        var tool = Assert.Single(tools);
        Assert.Equal(("run", "d", true, true), (tool.Name, tool.Description, tool.IsCustom, tool.Strict));
        Assert.Equal(new AnswerGrammar("lark", "start: \"a\""), tool.Input);
        using var parameters = JsonDocument.Parse(tool.Parameters);
        Assert.Equal("string", parameters.RootElement.GetProperty("properties").GetProperty("input").GetProperty("type").GetString());
        Assert.Contains("start: \"a\"", parameters.RootElement.GetProperty("properties").GetProperty("input").GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, """{"type":"custom","custom":{"name":"run"}}""")]
    [InlineData(false, """{"type":"custom","custom":{"name":"run","format":{"type":"text"},"description":null}}""")]
    [InlineData(true, """{"type":"custom","name":"run","format":null}""")]
    [InlineData(true, """{"type":"custom","name":"run","format":{"type":"text"}}""")]
    public void A_text_may_be_any(bool responses, string tool)
    {
        var read = Assert.Single(Read(responses, $"\"tools\":[{tool}]").Request.Tools);
        Assert.Equal((true, false, null), (read.IsCustom, read.Strict, read.Input));
    }

    [Theory]
    [InlineData(false, """{"type":"custom"}""", "tools[0].custom", "missing_required_parameter")]
    [InlineData(false, """{"type":"custom","function":{"name":"x"}}""", "tools[0].function", "invalid_value")]
    [InlineData(false, """{"type":"function","custom":{"name":"x"}}""", "tools[0].custom", "invalid_value")]
    [InlineData(false, """{"type":"custom","custom":{}}""", "tools[0].custom.name", "missing_required_parameter")]
    [InlineData(false, """{"type":"custom","custom":{"name":"a b"}}""", "tools[0].custom.name", "invalid_value")]
    [InlineData(false, """{"type":"custom","custom":{"name":"x","strict":true}}""", "tools[0].custom.strict", "unknown_parameter")]
    [InlineData(false, """{"type":"custom","custom":{"name":"x","description":7}}""", "tools[0].custom.description", "invalid_type")]
    [InlineData(false, """{"type":"custom","custom":{"name":"x","format":"text"}}""", "tools[0].custom.format", "invalid_type")]
    [InlineData(false, """{"type":"custom","custom":{"name":"x","format":{}}}""", "tools[0].custom.format.type", "missing_required_parameter")]
    [InlineData(false, """{"type":"custom","custom":{"name":"x","format":{"type":"json"}}}""", "tools[0].custom.format.type", "invalid_value")]
    [InlineData(false, """{"type":"custom","custom":{"name":"x","format":{"type":"grammar"}}}""", "tools[0].custom.format.grammar", "missing_required_parameter")]
    [InlineData(false, """{"type":"custom","custom":{"name":"x","format":{"type":"text","grammar":{}}}}""", "tools[0].custom.format", "invalid_value")]
    [InlineData(false, """{"type":"custom","custom":{"name":"x","format":{"type":"grammar","syntax":"lark"}}}""", "tools[0].custom.format.syntax", "unknown_parameter")]
    [InlineData(false, """{"type":"custom","custom":{"name":"x","format":{"type":"grammar","grammar":{"definition":"x"}}}}""", "tools[0].custom.format.grammar.syntax", "missing_required_parameter")]
    [InlineData(false, """{"type":"custom","custom":{"name":"x","format":{"type":"grammar","grammar":{"syntax":"lark"}}}}""", "tools[0].custom.format.grammar.definition", "missing_required_parameter")]
    [InlineData(false, """{"type":"custom","custom":{"name":"x","format":{"type":"grammar","grammar":{"syntax":"gbnf","definition":"x"}}}}""", "tools[0].custom.format.grammar.syntax", "invalid_value")]
    [InlineData(false, """{"type":"custom","custom":{"name":"x","format":{"type":"grammar","grammar":{"syntax":"lark","definition":""}}}}""", "tools[0].custom.format.grammar.definition", "empty_string")]
    [InlineData(false, """{"type":"custom","custom":{"name":"x"}},{"type":"function","function":{"name":"x"}}""", "tools[1]", "invalid_value")]
    [InlineData(true, """{"type":"custom"}""", "tools[0].name", "missing_required_parameter")]
    [InlineData(true, """{"type":"custom","custom":{"name":"x"}}""", "tools[0].custom", "unknown_parameter")]
    [InlineData(true, """{"type":"custom","name":"x","format":{"type":"grammar","grammar":{}}}""", "tools[0].format.grammar", "unknown_parameter")]
    [InlineData(true, """{"type":"custom","name":"x","format":{"type":"text","syntax":"lark"}}""", "tools[0].format", "invalid_value")]
    [InlineData(true, """{"type":"custom","name":"x","format":{"type":"grammar","definition":"x"}}""", "tools[0].format.syntax", "missing_required_parameter")]
    [InlineData(true, """{"type":"custom","name":"x","format":{"type":"grammar","syntax":"regex","definition":7}}""", "tools[0].format.definition", "invalid_type")]
    [InlineData(true, """{"type":"custom","name":"x","defer_loading":true}""", "tools[0].defer_loading", "unknown_parameter")]
    [InlineData(true, """{"type":"mcp","name":"x"}""", "tools[0].type", "unsupported_value")]
    public void What_is_malformed_is_refused(bool responses, string tools, string param, string code) =>
        Refused(responses, $"\"tools\":[{tools}]", param, code);

    [Theory]
    [InlineData(false, """{"type":"custom","custom":{"name":"run"}}""", ToolMode.Required)]
    [InlineData(false, """{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"custom","custom":{"name":"run"}}]}}""", ToolMode.Auto)]
    [InlineData(true, """{"type":"custom","name":"run"}""", ToolMode.Required)]
    [InlineData(true, """{"type":"allowed_tools","mode":"required","tools":[{"type":"custom","name":"run"}]}""", ToolMode.Required)]
    public void They_are_chosen_by_name(bool responses, string choice, ToolMode mode)
    {
        var read = Read(responses, $"\"tools\":[{(responses ? Flat : Run)}],\"tool_choice\":{choice}").Request.ToolChoice;
        Assert.Equal((mode, "run"), (read.Mode, Assert.Single(read.Allowed)));
    }

    [Theory]
    [InlineData(false, """{"type":"custom"}""", "tool_choice.custom", "missing_required_parameter")]
    [InlineData(false, """{"type":"custom","custom":{"name":"absent"}}""", "tool_choice", "invalid_value")]
    [InlineData(true, """{"type":"custom"}""", "tool_choice.custom.name", "invalid_type")]
    [InlineData(true, """{"type":7}""", "tool_choice.type", "invalid_type")]
    public void Choices_that_are_malformed_are_refused(bool responses, string choice, string param, string code) =>
        Refused(responses, $"\"tools\":[{(responses ? Flat : Run)}],\"tool_choice\":{choice}", param, code);

    [Fact]
    public void Calls_and_their_results_are_taken_back()
    {
        var chat = new OpenAiChat().Read(Encoding.UTF8.GetBytes(
            """
            {"model":"m","messages":[{"role":"user","content":"q"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"custom","custom":{"name":"run","input":"é \"a\"\n"}}]},
            {"role":"tool","tool_call_id":"c1","content":"done"}]}
            """), Context).Request.Messages;
        var responses = new OpenAiResponses().Read(Encoding.UTF8.GetBytes(
            """
            {"model":"m","input":[{"role":"user","content":"q"},
            {"type":"custom_tool_call","id":"ctc_1","call_id":"c1","name":"run","input":"é \"a\"\n","status":"completed"},
            {"type":"custom_tool_call_output","call_id":"c1","output":"done"}]}
            """), Context).Request.Messages;
        foreach (var messages in (ImmutableArray<ChatMessage>[])[chat, responses])
        {
            Assert.Equal(new ToolCall("c1", "run", """{"input":"é \"a\"\n"}"""), Assert.Single(messages[1].ToolCalls));
            Assert.Equal(("done", "c1", "run"), (messages[2].Text, messages[2].ToolCallId, messages[2].Name));
        }
    }

    [Theory]
    [InlineData("""{"id":"1","type":"custom"}""", "custom", "missing_required_parameter")]
    [InlineData("""{"id":"1","type":"custom","function":{"name":"f","arguments":""}}""", "function", "invalid_value")]
    [InlineData("""{"id":"1","type":"function","custom":{"name":"f","input":""}}""", "custom", "invalid_value")]
    [InlineData("""{"id":"1","type":"custom","custom":{"name":"f"}}""", "custom.input", "missing_required_parameter")]
    [InlineData("""{"id":"1","type":"custom","custom":{"input":"f"}}""", "custom.name", "missing_required_parameter")]
    [InlineData("""{"id":"1","type":"custom","custom":{"name":"f","arguments":"{}"}}""", "custom.arguments", "unknown_parameter")]
    [InlineData("""{"id":"1","type":"custom","custom":{"name":"f","input":{}}}""", "custom.input", "invalid_type")]
    public void Malformed_calls_are_refused(string call, string param, string code)
    {
        var error = Assert.Throws<RejectedException>(() => new OpenAiChat().Read(
            Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[{"role":"assistant","tool_calls":[{{call}}]}]}"""), Context)).Error;
        Assert.Equal(("messages[0].tool_calls[0]." + param, code), (error.Param, error.Code));
    }

    [Theory]
    [InlineData("""{"type":"custom_tool_call","call_id":"c","name":"f"}""", "input[0].input", "missing_required_parameter")]
    [InlineData("""{"type":"custom_tool_call","call_id":"c","name":"f","arguments":"{}","input":""}""", "input[0].arguments", "unknown_parameter")]
    [InlineData("""{"type":"custom_tool_call_output","call_id":"c","output":"x"}""", "input[0].call_id", "invalid_value")]
    public void Malformed_items_are_refused(string item, string param, string code)
    {
        var error = Assert.Throws<RejectedException>(() => new OpenAiResponses().Read(
            Encoding.UTF8.GetBytes($$"""{"model":"m","input":[{{item}}]}"""), Context)).Error;
        Assert.Equal((param, code), (error.Param, error.Code));
    }

    [Fact]
    public void A_call_is_written_whole_and_streamed()
    {
        var answer = new ChatAnswer(new ChatStarted("m", null), "", new ChatFinished(FinishReason.ToolCalls, new TokenUsage(9, 2)))
        {
            ToolCalls = [new ToolCall("c1", "run", "{\"input\": \"a\\n\"}"), new ToolCall("c2", "other", "{}")],
        };
        Assert.Contains(
            """[{"id":"c1","type":"custom","custom":{"name":"run","input":"a\n"}},{"id":"c2","type":"function","function":{"name":"other","arguments":"{}"}}]""",
            Written(output => Read(false, $"\"tools\":[{Run}]").WriteWhole([answer], output)), StringComparison.Ordinal);

        var call = Read(false, $"\"stream\":true,\"tools\":[{Run}]");
        string streamed = Written(output =>
        {
            call.WriteEvent(0, new ChatToolCall(0, "{\"in") { Id = "c1", Name = "run" }, output);
            call.WriteEvent(0, new ChatToolCall(0, "put\": \"a\\"), output);
            call.WriteEvent(0, new ChatToolCall(0, "n\"}"), output);
            call.WriteEvent(0, new ChatToolCall(1, "{}") { Id = "c2", Name = "other" }, output);
        });
        Assert.Equal(
            [
                """[{"index":0,"id":"c1","type":"custom","custom":{"name":"run","input":""}}]""",
                """[{"index":0,"custom":{"input":"a"}}]""",
                """[{"index":0,"custom":{"input":"\n"}}]""",
                """[{"index":1,"id":"c2","type":"function","function":{"name":"other","arguments":"{}"}}]""",
            ], Data(streamed).Select(chunk => chunk.GetProperty("choices")[0].GetProperty("delta").GetProperty("tool_calls").GetRawText()));
    }

    [Theory]
    [InlineData("{\"input\": \"a\\u00e9\\ud83d\\ude42\\\\ \\\"\\/\\b\"}", "aé🙂\\ \"/\b")]
    [InlineData(" {\n \"input\" : \"x\" }", "x")]
    [InlineData("{\"other\": 1, \"input\": \"x\"}", "x")]
    [InlineData("{\"input\": 7}", "{\"input\": 7}")]
    [InlineData("{\"code\": \"x\"}", "{\"code\": \"x\"}")]
    [InlineData("\"just a text\"", "just a text")]
    [InlineData("no JSON", "no JSON")]
    [InlineData("{\"input\": \"cut", "cut")]
    [InlineData("{\"input\": \"cut\\", "cut")]
    [InlineData("{\"input\": \"\\ud83dx\\udc00\"}", "\uFFFDx\uFFFD")]
    [InlineData("{\"input\": \"\\ud83d\\u0041\"}", "\uFFFDA")]
    [InlineData("{\"input\": \"first\", \"input\": \"last\"}", "first")]
    [InlineData("{}", "{}")]
    [InlineData("", "")]
    public void The_text_is_the_same_wherever_the_arguments_are_cut(string arguments, string input)
    {
        string tools = $"\"tools\":[{Run}]";
        string whole = Written(output => Read(false, tools).WriteWhole(
            [new ChatAnswer(new ChatStarted("m", null), "", new ChatFinished(FinishReason.ToolCalls, new TokenUsage(1, 1))) { ToolCalls = [new ToolCall("c", "run", arguments)] }], output));
        Assert.Equal(input, JsonDocument.Parse(whole).RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls")[0].GetProperty("custom").GetProperty("input").GetString());
        for (int size = 1; size <= Math.Max(1, arguments.Length); size++)
        {
            foreach (bool responses in (bool[])[false, true])
            {
                var call = Read(responses, $"\"stream\":true,\"tools\":[{(responses ? Flat : Run)}]");
                string streamed = Written(output =>
                {
                    call.WriteEvent(0, new ChatStarted("m", null), output);
                    call.WriteEvent(0, new ChatToolCall(0, "") { Id = "c", Name = "run" }, output);
                    foreach (char[] piece in arguments.Chunk(size))
                        call.WriteEvent(0, new ChatToolCall(0, new string(piece)), output);
                    call.WriteEvent(0, new ChatFinished(FinishReason.ToolCalls, new TokenUsage(1, 1)), output);
                });
                Assert.Equal(input, string.Concat(Data(streamed).Select(one => responses ? Delta(one) : Input(one))));
            }
        }

        static string Input(JsonElement chunk) =>
            chunk.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("tool_calls", out var calls) ? calls[0].GetProperty("custom").GetProperty("input").GetString()! : "";

        static string Delta(JsonElement one) =>
            one.GetProperty("type").GetString() == "response.custom_tool_call_input.delta" ? one.GetProperty("delta").GetString()! : "";
    }

    [Theory]
    [InlineData("\"root ::= \\\"a\\\"\"", "gbnf", "root ::= \"a\"")]
    [InlineData("""{"syntax":"lark","definition":"start: X"}""", "lark", "start: X")]
    [InlineData("""{"syntax":"gbnf","definition":"root ::= x"}""", "gbnf", "root ::= x")]
    [InlineData("""{"syntax":"regex","definition":"a+"}""", "regex", "a+")]
    public void A_grammar_of_the_answer_may_name_its_syntax(string grammar, string kind, string source)
    {
        Assert.Equal(new AnswerGrammar(kind, source), Read(false, $"\"grammar\":{grammar}").Request.Grammar);
        Assert.Equal(new AnswerGrammar(kind, source), new OpenAiCompletions().Read(
            Encoding.UTF8.GetBytes($$"""{"model":"m","prompt":"x","grammar":{{grammar}}}"""), Context).Request.Grammar);
    }

    [Theory]
    [InlineData("\"\"", "grammar", "empty_string")]
    [InlineData("7", "grammar", "invalid_type")]
    [InlineData("{}", "grammar.syntax", "missing_required_parameter")]
    [InlineData("""{"syntax":"yacc","definition":"x"}""", "grammar.syntax", "invalid_value")]
    [InlineData("""{"syntax":"lark"}""", "grammar.definition", "missing_required_parameter")]
    [InlineData("""{"syntax":"lark","definition":"x","more":1}""", "grammar.more", "unknown_parameter")]
    public void Grammars_of_the_answer_that_are_malformed_are_refused(string grammar, string param, string code) =>
        Refused(false, $"\"grammar\":{grammar}", param, code);

    private static DialectContext Context => new(DateTimeOffset.UnixEpoch, []);

    private static DialectCall Read(bool responses, string fields) => responses
        ? new OpenAiResponses().Read(Encoding.UTF8.GetBytes($"{Response},{fields}}}"), Context)
        : new OpenAiChat().Read(Encoding.UTF8.GetBytes($"{Chat},{fields}}}"), Context);

    private static void Refused(bool responses, string fields, string param, string code)
    {
        var error = Assert.Throws<RejectedException>(() => Read(responses, fields)).Error;
        Assert.Equal((400, param, code), (error.Status, error.Param, error.Code));
    }

    private static IEnumerable<JsonElement> Data(string events) => events.Split('\n')
        .Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => JsonDocument.Parse(line[6..]).RootElement);

    private static string Written(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
