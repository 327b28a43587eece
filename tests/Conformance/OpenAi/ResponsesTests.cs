using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Conformance.Schemas;
using Causerie.Host.Serving;
using Causerie.Tests;

namespace Causerie.Conformance.OpenAi;

/// <summary>The Responses API: shapes, order of events, what is kept, and what is refused.</summary>
public sealed class ResponsesTests
{
    private const string Path = "/v1/responses";
    private const string Weather = """{"type":"function","name":"weather","parameters":{"type":"object","properties":{}},"strict":null}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_response_has_the_shape_of_the_specification()
    {
        var spec = SpecSchema.OpenAi();
        var model = new ScriptedModel("m", "Hello", " there");
        await using var server = await TestServer.StartAsync(model);
        var response = await TestServer.JsonAsync(await server.PostAsync(
            """{"model":"m","input":"Hi","instructions":"Be brief.","temperature":0.5,"max_output_tokens":1,"metadata":{"a":"b"},"user":"u"}""", Path));
        Assert.Empty(spec.Check("Response", response));
        Assert.Equal("Hello", Text(response));
        Assert.Equal("incomplete", response.GetProperty("status").GetString());
        Assert.Equal("max_output_tokens", response.GetProperty("incomplete_details").GetProperty("reason").GetString());
        Assert.Equal(("b", 0.5), (response.GetProperty("metadata").GetProperty("a").GetString(), response.GetProperty("temperature").GetDouble()));
        var asked = Assert.Single(model.Requests);
        Assert.Equal([(ChatRole.System, "Be brief."), (ChatRole.User, "Hi")], asked.Messages.Select(message => (message.Role, message.Text)));
        Assert.Equal((1, 0.5), (asked.MaxTokens, asked.Sampling.Temperature));
    }

    [Fact]
    public async Task Events_come_in_order_with_numbers_and_of_the_specification()
    {
        var spec = SpecSchema.OpenAi();
        await using var server = await TestServer.StartAsync(new ScriptedModel("m") { Script = ThinkThenCall });
        var events = await StreamAsync(server, $$"""{"model":"m","input":"Hi","stream":true,"tools":[{{Weather}}]}""");
        Assert.Equal(
            [
                "response.created", "response.in_progress",
                "response.output_item.added", "response.content_part.added", "response.reasoning_text.delta",
                "response.reasoning_text.done", "response.content_part.done", "response.output_item.done",
                "response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.delta",
                "response.output_text.done", "response.content_part.done", "response.output_item.done",
                "response.output_item.added", "response.function_call_arguments.delta", "response.function_call_arguments.delta",
                "response.function_call_arguments.done", "response.output_item.done",
                "response.completed",
            ], events.Select(one => one.GetProperty("type").GetString()));
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(one => one.GetProperty("sequence_number").GetInt32()));
        Assert.All(events, one => Assert.Empty(spec.Check("ResponseStreamEvent", one)));
        var response = events[^1].GetProperty("response");
        Assert.Equal(["reasoning", "message", "function_call"], response.GetProperty("output").EnumerateArray().Select(item => item.GetProperty("type").GetString()));
        Assert.Equal("{\"city\":1}", response.GetProperty("output")[2].GetProperty("arguments").GetString());
        // What streamed and what is kept are one.
        string id = response.GetProperty("id").GetString()!;
        Assert.Equal(
            response.GetRawText(), (await TestServer.JsonAsync(await server.Client.GetAsync($"{Path}/{id}", Token))).GetRawText());
    }

    [Fact]
    public async Task A_response_goes_on_from_an_earlier_one()
    {
        var model = new ScriptedModel("m") { Script = ThinkThenCall };
        await using var server = await TestServer.StartAsync(model);
        var first = await TestServer.JsonAsync(await server.PostAsync(
            $$"""{"model":"m","input":[{"role":"user","content":"Hi"}],"instructions":"Be brief.","tools":[{{Weather}}]}""", Path));
        string id = first.GetProperty("id").GetString()!;
        string call = first.GetProperty("output")[2].GetProperty("call_id").GetString()!;
        var second = await server.PostAsync(
            $$"""{"model":"m","previous_response_id":"{{id}}","input":[{"type":"function_call_output","call_id":"{{call}}","output":"sun"}],"tools":[{{Weather}}]}""", Path);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        var messages = model.Requests.Last().Messages;
        Assert.Equal([ChatRole.User, ChatRole.Assistant, ChatRole.Tool], messages.Select(message => message.Role));
        Assert.Equal(("It is", "hm", "weather"), (messages[1].Text, messages[1].Thinking, messages[1].ToolCalls[0].Name));
        Assert.Equal(("sun", "weather", call), (messages[2].Text, messages[2].Name, messages[2].ToolCallId));
    }

    [Fact]
    public async Task An_item_of_a_kept_response_can_be_referred_to()
    {
        var model = new ScriptedModel("m") { Script = ThinkThenCall };
        await using var server = await TestServer.StartAsync(model);
        var first = await TestServer.JsonAsync(await server.PostAsync($$"""{"model":"m","input":"Hi","tools":[{{Weather}}]}""", Path));
        var call = first.GetProperty("output")[2];
        string body = $$"""{"model":"m","input":[{"role":"user","content":"Hi"},{"type":"item_reference","id":"{{call.GetProperty("id").GetString()}}"},{"type":"function_call_output","call_id":"{{call.GetProperty("call_id").GetString()}}","output":"sun"}]}""";
        Assert.Equal(HttpStatusCode.OK, (await server.PostAsync(body, Path)).StatusCode);
        Assert.Equal("weather", model.Requests.Last().Messages[1].ToolCalls[0].Name);
        await server.Client.DeleteAsync($"{Path}/{first.GetProperty("id").GetString()}", Token);
        Assert.Equal("item_not_found", (await TestServer.ErrorAsync(await server.PostAsync(body, Path))).Code);
    }

    [Fact]
    public async Task A_response_in_the_background_is_followed_left_resumed_and_got()
    {
        var spec = SpecSchema.OpenAi();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var model = new ScriptedModel("m", "one", "two") { BeforePiece = (i, token) => i == 0 ? Task.CompletedTask : gate.Task.WaitAsync(token) };
        await using var server = await TestServer.StartAsync(model);
        var begun = await TestServer.JsonAsync(await server.PostAsync("""{"model":"m","input":"Hi","background":true}""", Path));
        Assert.Empty(spec.Check("Response", begun));
        Assert.Contains(begun.GetProperty("status").GetString(), (string[])["queued", "in_progress"]);
        string id = begun.GetProperty("id").GetString()!;
        // Somebody follows and leaves in the middle; the answer goes on.
        using (var some = await server.Client.GetAsync($"{Path}/{id}?stream=true", HttpCompletionOption.ResponseHeadersRead, Token))
        {
            var first = await SseParser.Create(await some.Content.ReadAsStreamAsync(Token)).EnumerateAsync(Token)
                .Take(6).Select(item => item.EventType).ToListAsync(Token);
            Assert.Equal("response.output_text.delta", first[^1]);
        }

        gate.SetResult();
        var rest = await SseParser.Create(await (await server.Client.GetAsync($"{Path}/{id}?stream=true&starting_after=5", Token)).Content.ReadAsStreamAsync(Token))
            .EnumerateAsync(Token).Select(item => JsonDocument.Parse(item.Data).RootElement).ToListAsync(Token);
        Assert.Equal(Enumerable.Range(6, rest.Count), rest.Select(one => one.GetProperty("sequence_number").GetInt32()));
        Assert.Equal("response.completed", rest[^1].GetProperty("type").GetString());
        Assert.All(rest, one => Assert.Empty(spec.Check("ResponseStreamEvent", one)));
        var got = await TestServer.JsonAsync(await server.Client.GetAsync($"{Path}/{id}", Token));
        Assert.Equal(("completed", "onetwo"), (got.GetProperty("status").GetString(), Text(got)));
    }

    [Fact]
    public async Task A_response_in_the_background_is_cancelled_and_a_failed_one_says_why()
    {
        var model = new ScriptedModel("m", "one", "two") { BeforePiece = (i, token) => i == 0 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, token) };
        await using var server = await TestServer.StartAsync(
            model, new ScriptedModel("bad", "x") { Fails = (1, new ChatException(ChatErrorKind.Unavailable, "Gone.")) });
        string id = (await TestServer.JsonAsync(await server.PostAsync("""{"model":"m","input":"Hi","background":true}""", Path))).GetProperty("id").GetString()!;
        var cancelled = await TestServer.JsonAsync(await server.PostAsync("{}", $"{Path}/{id}/cancel"));
        Assert.Equal("cancelled", cancelled.GetProperty("status").GetString());
        await model.Stopped.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.Equal("cancelled", (await TestServer.JsonAsync(await server.Client.GetAsync($"{Path}/{id}", Token))).GetProperty("status").GetString());
        var events = await StreamAsync(server, """{"model":"bad","input":"Hi","background":true,"stream":true}""");
        Assert.Equal("response.failed", events[^1].GetProperty("type").GetString());
        Assert.Equal("Gone.", events[^1].GetProperty("response").GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_response_that_is_being_made_is_ended_and_stays_deleted()
    {
        var model = new ScriptedModel("m", "one", "two") { BeforePiece = (i, token) => i == 0 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, token) };
        await using var server = await TestServer.StartAsync(model);
        string id = (await TestServer.JsonAsync(await server.PostAsync("""{"model":"m","input":"Hi","background":true}""", Path))).GetProperty("id").GetString()!;
        await model.Began.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.True((await TestServer.JsonAsync(await server.Client.DeleteAsync($"{Path}/{id}", Token))).GetProperty("deleted").GetBoolean());
        Assert.True(model.Stopped.IsCompleted); // it ended before it was deleted, so nothing keeps it again
        foreach (string path in (string[])[$"{Path}/{id}", $"{Path}/{id}?stream=true", $"{Path}/{id}/input_items"])
            Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync(path, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.DeleteAsync($"{Path}/{id}", Token)).StatusCode);
    }

    [Fact]
    public async Task What_is_kept_is_listed_and_forgotten()
    {
        var spec = SpecSchema.OpenAi();
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var response = await TestServer.JsonAsync(await server.PostAsync(
            """{"model":"m","input":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":[{"type":"input_text","text":"c"}]}]}""", Path));
        string id = response.GetProperty("id").GetString()!;
        var items = await TestServer.JsonAsync(await server.Client.GetAsync($"{Path}/{id}/input_items?order=asc&limit=2", Token));
        Assert.Empty(spec.Check("ResponseItemList", items));
        Assert.Equal(["a", "b"], items.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("content")[0].GetProperty("text").GetString()));
        Assert.True(items.GetProperty("has_more").GetBoolean());
        string after = items.GetProperty("last_id").GetString()!;
        var rest = await TestServer.JsonAsync(await server.Client.GetAsync($"{Path}/{id}/input_items?order=asc&after={after}", Token));
        Assert.Equal("c", Assert.Single(rest.GetProperty("data").EnumerateArray()).GetProperty("content")[0].GetProperty("text").GetString());
        Assert.True((await TestServer.JsonAsync(await server.Client.DeleteAsync($"{Path}/{id}", Token))).GetProperty("deleted").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"{Path}/{id}", Token)).StatusCode);
        var kept = await TestServer.JsonAsync(await server.PostAsync("""{"model":"m","input":"a","store":false}""", Path));
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"{Path}/{kept.GetProperty("id").GetString()}", Token)).StatusCode);
    }

    [Fact]
    public async Task A_restart_loses_nothing_and_another_key_finds_nothing()
    {
        string folder = Directory.CreateTempSubdirectory("causerie-responses-").FullName;
        try
        {
            string id;
            var options = new ServerOptions { DataFolder = folder, ApiKeys = ["one", "two"] };
            await using (var server = await TestServer.StartAsync(options, new ScriptedModel("m", "x")))
            {
                server.Client.DefaultRequestHeaders.Authorization = new("Bearer", "one");
                id = (await TestServer.JsonAsync(await server.PostAsync("""{"model":"m","input":"a"}""", Path))).GetProperty("id").GetString()!;
            }

            await using (var server = await TestServer.StartAsync(options, new ScriptedModel("m", "x")))
            {
                server.Client.DefaultRequestHeaders.Authorization = new("Bearer", "one");
                Assert.Equal("x", Text(await TestServer.JsonAsync(await server.Client.GetAsync($"{Path}/{id}", Token))));
                server.Client.DefaultRequestHeaders.Authorization = new("Bearer", "two");
                Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"{Path}/{id}", Token)).StatusCode);
                Assert.Equal(HttpStatusCode.NotFound, (await server.Client.DeleteAsync($"{Path}/{id}", Token)).StatusCode);
                var other = await server.PostAsync($$"""{"model":"m","input":"b","previous_response_id":"{{id}}"}""", Path);
                Assert.Equal("previous_response_not_found", (await TestServer.ErrorAsync(other)).Code);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("""{"model":"m"}""", "input", "missing_required_parameter")]
    [InlineData("""{"model":"m","input":7}""", "input", "invalid_type")]
    [InlineData("""{"model":"m","input":[]}""", "input", "empty_array")]
    [InlineData("""{"model":"m","input":[{"role":"user"}]}""", "input[0].content", "missing_required_parameter")]
    [InlineData("""{"model":"m","input":[{"role":"x","content":"a"}]}""", "input[0].role", "invalid_value")]
    [InlineData("""{"model":"m","input":[{"type":"computer_call"}]}""", "input[0].type", "unsupported_value")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":[{"type":"refusal","refusal":"no"}]}]}""", "input[0].content[0].type", "unsupported_value")]
    [InlineData("""{"model":"m","input":[{"role":"assistant","content":[{"type":"refusal"}]}]}""", "input[0].content[0].refusal", "missing_required_parameter")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"a","shout":true}]}]}""", "input[0].content[0].shout", "unknown_parameter")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"x"}]}]}""", "input[0].content[0].type", "unsupported_value")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":"a","more":1}]}""", "input[0].more", "unknown_parameter")]
    [InlineData("""{"model":"m","input":[{"type":"function_call_output","call_id":"c","output":"x"}]}""", "input[0].call_id", "invalid_value")]
    [InlineData("""{"model":"m","input":[{"type":"function_call","name":"f","arguments":"{}"}]}""", "input[0].call_id", "missing_required_parameter")]
    [InlineData("""{"model":"m","input":[{"type":"reasoning","id":"r","summary":[],"encrypted_content":"x"}]}""", "input[0].encrypted_content", "unsupported_parameter")]
    [InlineData("""{"model":"m","input":[{"type":"item_reference","id":"msg_0"}]}""", "input[0].id", "item_not_found")]
    [InlineData("""{"model":"m","input":[{"type":"item_reference"}]}""", "input[0].id", "missing_required_parameter")]
    [InlineData("""{"model":"m","input":"a","background":true,"store":false}""", "background", "invalid_value")]
    [InlineData("""{"model":"m","input":"a","truncation":"middle"}""", "truncation", "invalid_value")]
    [InlineData("""{"model":"m","input":"a","conversation":{"name":"c"}}""", "conversation.name", "unknown_parameter")]
    [InlineData("""{"model":"m","input":"a","include":["reasoning.encrypted_content"]}""", "include[0]", "unsupported_value")]
    [InlineData("""{"model":"m","input":"a","tools":[{"type":"web_search"}]}""", "tools[0].type", "unsupported_value")]
    [InlineData("""{"model":"m","input":"a","tool_choice":{"type":"function","name":"f"}}""", "tool_choice", "invalid_value")]
    [InlineData("""{"model":"m","input":"a","text":{"format":{"type":"xml"}}}""", "text.format.type", "invalid_value")]
    [InlineData("""{"model":"m","input":"a","text":{"verbosity":"low"}}""", "text.verbosity", "unsupported_parameter")]
    [InlineData("""{"model":"m","input":"a","reasoning":{"summary":"auto"}}""", "reasoning.summary", "unsupported_parameter")]
    [InlineData("""{"model":"m","input":"a","metadata":{"a":1}}""", "metadata.a", "invalid_type")]
    [InlineData("""{"model":"m","input":"a","previous_response_id":"resp_0"}""", "previous_response_id", "previous_response_not_found")]
    [InlineData("""{"model":"m","input":"a","no_such":1}""", "no_such", "unknown_parameter")]
    public async Task What_is_malformed_or_not_honoured_is_refused_by_name(string body, string param, string code)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var response = await server.PostAsync(body, Path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = await TestServer.ErrorAsync(response);
        Assert.Equal((param, code), (error.Param, error.Code));
    }

    [Theory]
    [InlineData("", "disabled", false)]
    [InlineData(",\"truncation\":\"disabled\"", "disabled", false)]
    [InlineData(",\"truncation\":\"auto\"", "auto", true)]
    public async Task Turns_are_left_out_only_where_that_is_asked_for_and_the_answer_says_so(string more, string told, bool drops)
    {
        var model = new ScriptedModel("m", "x");
        await using var server = await TestServer.StartAsync(model);
        var response = await TestServer.JsonAsync(await server.PostAsync($$"""{"model":"m","input":"Hi"{{more}}}""", Path));
        Assert.Equal(told, response.GetProperty("truncation").GetString());
        Assert.Equal(drops, Assert.Single(model.Requests).DropsOldest);
        Assert.Empty(SpecSchema.OpenAi().Check("Response", response));
    }

    [Fact]
    public async Task A_failure_in_the_middle_is_an_event()
    {
        var spec = SpecSchema.OpenAi();
        await using var server = await TestServer.StartAsync(
            new ScriptedModel("m", "one", "two") { Fails = (2, new ChatException(ChatErrorKind.Unavailable, "Gone.")) });
        var events = await StreamAsync(server, """{"model":"m","input":"Hi","stream":true}""");
        Assert.Equal(("error", "Gone."), (events[^1].GetProperty("type").GetString(), events[^1].GetProperty("message").GetString()));
        Assert.Empty(spec.Check("ResponseStreamEvent", events[^1]));
    }

    [Fact]
    public async Task The_client_for_JavaScript_speaks_it()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "Hello", " there"));
        var seen = await NpmClient.RunAsync(server.Address, "responses");
        Assert.Equal("Hello there", seen.GetProperty("whole").GetString());
        Assert.Equal("Hello there", seen.GetProperty("streamed").GetString());
        Assert.Equal("Hello there", seen.GetProperty("again").GetString());
        Assert.Equal(2, seen.GetProperty("deltas").GetInt32());
        Assert.True(seen.GetProperty("deleted").GetBoolean());
    }

    private static async IAsyncEnumerable<ChatEvent> ThinkThenCall(
        ChatRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        yield return new ChatStarted("m", null);
        yield return new ChatThinking("hm");
        yield return new ChatText("It ");
        yield return new ChatText("is");
        yield return new ChatToolCall(0, "{\"city\"") { Id = "call_1", Name = "weather" };
        yield return new ChatToolCall(0, ":1}");
        yield return new ChatFinished(FinishReason.ToolCalls, new TokenUsage(7, 4) { ThinkingTokens = 1 });
    }

    private static string Text(JsonElement response) =>
        response.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString()!;

    private static async Task<List<JsonElement>> StreamAsync(TestServer server, string body)
    {
        var response = await server.PostAsync(body, Path);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return await SseParser.Create(await response.Content.ReadAsStreamAsync(Token)).EnumerateAsync(Token)
            .Select(item =>
            {
                var json = JsonDocument.Parse(item.Data).RootElement;
                Assert.Equal(item.EventType, json.GetProperty("type").GetString());
                return json;
            }).ToListAsync(Token);
    }
}
