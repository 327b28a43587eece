using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Causerie.Chat;
using Causerie.Conformance.Schemas;
using Causerie.Tests;

namespace Causerie.Conformance.OpenAi;

/// <summary>Custom tools over the API: shapes of the specification, the official client, and texts that keep their grammar.</summary>
public sealed class CustomToolTests : IAsyncLifetime
{
    private const string Grammar =
        """start: \"SELECT \" columns \" FROM \" TABLE\ncolumns: columns \",\" COLUMN | COLUMN\nCOLUMN: \"id\" | \"name\" | \"\\\"q\\\"\"\nTABLE: \"users\"i | \"orders\" """;

    private static readonly string Chat = """{"type":"custom","custom":{"name":"sql","description":"Runs a query.","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"GRAMMAR"}}}}""".Replace("GRAMMAR", Grammar, StringComparison.Ordinal);
    private static readonly string Flat = """{"type":"custom","name":"sql","description":"Runs a query.","format":{"type":"grammar","syntax":"lark","definition":"GRAMMAR"}}""".Replace("GRAMMAR", Grammar, StringComparison.Ordinal);

    private static readonly Regex Query = new("^SELECT (id|name|\"q\")(,(id|name|\"q\"))* FROM ([uU][sS][eE][rR][sS]|orders)$", RegexOptions.CultureInvariant);

    private readonly GuideServer _guideServer = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestServer Guide => _guideServer.Server;

    public ValueTask InitializeAsync() => _guideServer.StartAsync();

    public ValueTask DisposeAsync() => _guideServer.DisposeAsync();

    [Fact]
    public async Task A_chat_completion_with_a_call_is_of_the_specification()
    {
        await using var server = await TestServer.StartAsync(Scripted());
        var answer = await TestServer.JsonAsync(await server.PostAsync(
            """{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[""" + Chat + "]}"));
        Assert.Empty(SpecSchema.OpenAi().Check("CreateChatCompletionResponse", answer));
        var call = answer.GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls")[0];
        Assert.Equal(("custom", "SELECT \"q\" FROM users"), (call.GetProperty("type").GetString(), call.GetProperty("custom").GetProperty("input").GetString()));
    }

    [Fact]
    public async Task A_response_with_a_call_and_each_of_its_events_are_of_the_specification()
    {
        var spec = SpecSchema.OpenAi();
        await using var server = await TestServer.StartAsync(Scripted());
        string body = """{"model":"m","input":"x","tools":[""" + Flat + "]";
        var whole = await TestServer.JsonAsync(await server.PostAsync(body + "}", "/v1/responses"));
        Assert.Empty(spec.Check("Response", WithoutStatus(whole)));
        var item = whole.GetProperty("output")[0];
        Assert.Empty(spec.Check("CustomToolCallResource", item));
        var stream = await server.PostAsync(body + ",\"stream\":true}", "/v1/responses");
        var events = await SseParser.Create(await stream.Content.ReadAsStreamAsync(Token)).EnumerateAsync(Token)
            .Select(one => JsonDocument.Parse(one.Data).RootElement).ToListAsync(Token);
        Assert.All(events, one => Assert.Empty(spec.Check("ResponseStreamEvent", WithoutStatus(one))));
        Assert.Equal(
            [
                "response.created", "response.in_progress", "response.output_item.added", "response.custom_tool_call_input.delta",
                "response.custom_tool_call_input.delta", "response.custom_tool_call_input.done", "response.output_item.done", "response.completed",
            ], events.Select(one => one.GetProperty("type").GetString()));
        Assert.Equal("SELECT \"q\" FROM users", events[5].GetProperty("input").GetString());

        // The call is kept, and its result taken.
        string id = whole.GetProperty("id").GetString()!, call = item.GetProperty("call_id").GetString()!;
        var next = await server.PostAsync(
            $$"""{"model":"m","previous_response_id":"{{id}}","input":[{"type":"custom_tool_call_output","call_id":"{{call}}","output":"3 rows"}]}""", "/v1/responses");
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        var items = await TestServer.JsonAsync(await server.Client.GetAsync(
            $"/v1/responses/{(await TestServer.JsonAsync(next)).GetProperty("id").GetString()}/input_items", Token));
        Assert.Empty(spec.Check("CustomToolCallOutputResource", items.GetProperty("data")[0]));
    }

    [Theory]
    [InlineData("\"required\"")]
    [InlineData("""{"type":"custom","custom":{"name":"sql"}}""")]
    public async Task A_call_that_must_be_made_has_a_text_of_its_grammar_whatever_is_drawn(string choice)
    {
        for (int seed = 0; seed < 6; seed++)
        {
            var answer = await TestServer.JsonAsync(await Guide.PostAsync(
                """{"messages":[{"role":"user","content":"Who are you?"}],"temperature":1.5,"parallel_tool_calls":false,"max_tokens":400,"seed":""" + seed
                + ",\"tool_choice\":" + choice + ",\"tools\":[" + Chat + "]}"));
            var given = answer.GetProperty("choices")[0];
            Assert.Equal("tool_calls", given.GetProperty("finish_reason").GetString());
            var call = Assert.Single(given.GetProperty("message").GetProperty("tool_calls").EnumerateArray());
            Assert.Equal("custom", call.GetProperty("type").GetString());
            Assert.Matches(Query, call.GetProperty("custom").GetProperty("input").GetString()!);
        }
    }

    [Fact]
    public async Task The_official_client_reads_calls_of_both_APIs()
    {
        var seen = await NpmClient.RunAsync(Guide.Address, "custom");
        Assert.Equal(("custom", "custom_tool_call"), (seen.GetProperty("chat").GetProperty("type").GetString(), seen.GetProperty("response").GetProperty("type").GetString()));
        Assert.Matches("^[0-9]{2} (à|\")$", seen.GetProperty("chat").GetProperty("custom").GetProperty("input").GetString()!);
        Assert.Matches("^(<[a-c]>)+$", seen.GetProperty("response").GetProperty("input").GetString()!);
        Assert.Equal(seen.GetProperty("response").GetProperty("input").GetString(), seen.GetProperty("streamed").GetString());
        Assert.True(seen.GetProperty("told").GetBoolean());
    }

    [Fact]
    public async Task An_answer_may_be_held_to_a_grammar_in_Larks_notation()
    {
        var answer = await TestServer.JsonAsync(await Guide.PostAsync(
            """{"messages":[{"role":"user","content":"Who are you?"}],"grammar":{"syntax":"lark","definition":"start: \"I am \" NAME\nNAME: /[A-Z][a-z]{2,8}/"}}"""));
        Assert.Matches("^I am [A-Z][a-z]{2,8}$", answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!);
    }

    [Fact]
    public async Task A_grammar_that_is_malformed_is_refused_with_its_place()
    {
        var response = await Guide.PostAsync(
            """{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"custom","custom":{"name":"sql","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: \"a\"\n  | b"}}}}]}""");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = (await TestServer.JsonAsync(response)).GetProperty("error");
        Assert.Equal("tools", error.GetProperty("param").GetString());
        Assert.Contains("the grammar of 'sql': 'b' is nowhere defined, in line 2, column 5", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    // The specification leaves the status out of these items where a response has them, though OpenAI sends it and the items of
    // lists have it: those are checked as they are.
    private static JsonElement WithoutStatus(JsonElement json)
    {
        var node = JsonNode.Parse(json.GetRawText())!;
        foreach (var item in (node["output"] ?? node["response"]?["output"])?.AsArray().ToList() ?? [])
            item!.AsObject().Remove("status");
        node["item"]?.AsObject().Remove("status");
        return JsonSerializer.SerializeToElement(node);
    }

    private static ScriptedModel Scripted() => new("m") { Script = Call };

    private static async IAsyncEnumerable<ChatEvent> Call(ChatRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        yield return new ChatStarted("m", null);
        yield return new ChatToolCall(0, "{\"input\": \"SELECT \\\"q") { Id = "call_1", Name = "sql" };
        yield return new ChatToolCall(0, "\\\" FROM users\"}");
        yield return new ChatFinished(FinishReason.ToolCalls, new TokenUsage(3, 4));
    }
}
