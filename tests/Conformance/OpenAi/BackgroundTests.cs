using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Conversations.Storage;
using Causerie.Host.Serving;
using Causerie.Tests;

namespace Causerie.Conformance.OpenAi;

/// <summary>Responses in the background across the end of their server.</summary>
public sealed class BackgroundTests : IDisposable
{
    private const string Path = "/v1/responses";

    private readonly string _folder = Directory.CreateTempSubdirectory("causerie-background-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ServerOptions Options => new() { DataFolder = _folder };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_restart_in_the_middle_goes_on_with_the_same_events_and_the_same_seed()
    {
        var first = Stuck();
        string id;
        List<JsonElement> seen;
        await using (var server = await TestServer.StartAsync(Options, first))
        {
            id = await BeginAsync(server);
            seen = await EventsAsync(server, id, "", 6);
            Assert.Equal("one", seen[^1].GetProperty("delta").GetString());
        }

        var second = new ScriptedModel("m", "one", "two");
        await using (var server = await TestServer.StartAsync(Options, second))
        {
            var rest = await EventsAsync(server, id, "&starting_after=5");
            Assert.Equal(Enumerable.Range(6, rest.Count), rest.Select(one => one.GetProperty("sequence_number").GetInt32()));
            Assert.Equal("two", rest[0].GetProperty("delta").GetString());
            Assert.Equal(seen[^1].GetProperty("item_id").GetString(), rest[0].GetProperty("item_id").GetString());
            var whole = await EventsAsync(server, id, "");
            Assert.Equal(seen.Select(Told), whole.Take(seen.Count).Select(Told));
            var got = await GetAsync(server, id);
            Assert.Equal(("completed", "onetwo"), (got.GetProperty("status").GetString(), Text(got)));
            Assert.Equal(seen[0].GetProperty("response").GetProperty("created_at").GetInt64(), got.GetProperty("created_at").GetInt64());
        }

        Assert.NotNull(first.Requests.First().Sampling.Seed);
        Assert.Equal(first.Requests.First().Sampling.Seed, Assert.Single(second.Requests).Sampling.Seed);

        // It has ended: nobody makes it again, and its events are there still.
        var third = new ScriptedModel("m", "three");
        await using (var server = await TestServer.StartAsync(Options, third))
        {
            var rest = await EventsAsync(server, id, "&starting_after=6");
            Assert.Equal("response.completed", rest[^1].GetProperty("type").GetString());
            Assert.Equal(7, rest[0].GetProperty("sequence_number").GetInt32());
            Assert.Empty(third.Requests);
            Assert.True((await TestServer.JsonAsync(await server.Client.DeleteAsync($"{Path}/{id}", Token))).GetProperty("deleted").GetBoolean());
            Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"{Path}/{id}?stream=true", Token)).StatusCode);
        }

        using var objects = ApiObjects.Open(System.IO.Path.Combine(_folder, "objects.db"));
        Assert.All((string[])["response", "answer events", "answer at work"], kind => Assert.Empty(objects.OfAll(kind)));
    }

    [Fact]
    public async Task What_it_went_on_from_may_be_deleted_meanwhile_and_its_asker_and_ids_stay()
    {
        string earlier, id;
        JsonElement before;
        var options = Options with { ApiKeys = ["one"] };
        var model = Stuck();
        await using (var server = await TestServer.StartAsync(options, model, new ScriptedModel("quick", "yes")))
        {
            server.Client.DefaultRequestHeaders.Authorization = new("Bearer", "one");
            earlier = (await TestServer.JsonAsync(await server.PostAsync("""{"model":"quick","input":"first"}""", Path))).GetProperty("id").GetString()!;
            id = await BeginAsync(server, $$"""{"model":"m","input":"then","background":true,"previous_response_id":"{{earlier}}"}""");
            await model.Began.WaitAsync(TimeSpan.FromSeconds(10), Token);
            before = await ItemsAsync(server, id);
            await server.Client.DeleteAsync($"{Path}/{earlier}", Token);
        }

        var again = new ScriptedModel("m", "done");
        await using (var server = await TestServer.StartAsync(options, again, new ScriptedModel("quick", "yes")))
        {
            server.Client.DefaultRequestHeaders.Authorization = new("Bearer", "one");
            Assert.Equal("response.completed", (await EventsAsync(server, id, ""))[^1].GetProperty("type").GetString());
            Assert.Equal(["first", "yes", "then"], Assert.Single(again.Requests).Messages.Select(message => message.Text));
            Assert.Equal((model.Requests.First().Client, model.Requests.First().Scope), (again.Requests.First().Client, again.Requests.First().Scope));
            Assert.Equal(before.GetRawText(), (await ItemsAsync(server, id)).GetRawText());
        }
    }

    [Fact]
    public async Task A_call_has_one_id_before_and_after()
    {
        const string Ask = """{"model":"m","input":"a","background":true,"tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":false}]}""";
        string id;
        var stuck = Stuck();
        await using (var server = await TestServer.StartAsync(Options, stuck))
        {
            id = await BeginAsync(server, Ask);
            await stuck.Began.WaitAsync(TimeSpan.FromSeconds(10), Token);
        }

        var seen = new List<JsonElement>();
        for (int run = 0; run < 2; run++)
        {
            // The first run is killed once the call is told; the second makes it again under another id of its own.
            var model = new ScriptedModel("m") { Script = (_, cancel) => CallAsync($"call_{run}", run == 0, cancel) };
            await using var server = await TestServer.StartAsync(Options, model);
            if (run == 0)
            {
                seen.Add((await EventsAsync(server, id, "", 4))[^1].GetProperty("item"));
                continue;
            }

            seen.Add((await EventsAsync(server, id, ""))[^1].GetProperty("response").GetProperty("output")[0]);
        }

        Assert.Equal("function_call", seen[0].GetProperty("type").GetString());
        Assert.All((string[])["id", "call_id"], field => Assert.Equal(seen[0].GetProperty(field).GetString(), seen[1].GetProperty(field).GetString()));
    }

    [Fact]
    public async Task One_can_be_cancelled_and_deleted_after_the_restart()
    {
        string cancelled, deleted;
        await using (var server = await TestServer.StartAsync(Options, Stuck()))
            (cancelled, deleted) = (await BeginAsync(server), await BeginAsync(server));
        await using (var server = await TestServer.StartAsync(Options, Stuck()))
        {
            var answer = await TestServer.JsonAsync(await server.PostAsync("{}", $"{Path}/{cancelled}/cancel"));
            Assert.Equal("cancelled", answer.GetProperty("status").GetString());
            await server.Client.DeleteAsync($"{Path}/{deleted}", Token);
        }

        var last = new ScriptedModel("m", "x");
        await using (var server = await TestServer.StartAsync(Options, last))
        {
            Assert.Equal("cancelled", (await GetAsync(server, cancelled)).GetProperty("status").GetString());
            Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"{Path}/{deleted}", Token)).StatusCode);
            Assert.Empty(last.Requests);
        }
    }

    [Fact]
    public async Task One_that_ends_its_server_time_and_again_or_whose_model_is_gone_is_told_to_have_failed()
    {
        string often, gone;
        await using (var server = await TestServer.StartAsync(Options, Stuck(), Stuck("other")))
        {
            often = await BeginAsync(server);
            gone = await BeginAsync(server, """{"model":"other","input":"Hi","background":true}""");
        }

        using (var objects = ApiObjects.Open(System.IO.Path.Combine(_folder, "objects.db")))
        {
            var ticket = objects.OfAll("answer at work").Single(one => one.Id == often);
            objects.Put(ticket with { Json = ticket.Json.Replace("\"attempts\":0", "\"attempts\":3", StringComparison.Ordinal) });
        }

        var model = new ScriptedModel("m", "x");
        await using (var server = await TestServer.StartAsync(Options, model))
        {
            foreach (string id in (string[])[often, gone])
            {
                var got = await GetAsync(server, id);
                Assert.Equal("failed", got.GetProperty("status").GetString());
                Assert.Contains("Ask again", got.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
            }

            Assert.Empty(model.Requests);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"dialect\":\"openai\",\"dialect\":\"openai\"}")]
    [InlineData("\"dialect\":7")]
    [InlineData("\"dialect\":null")]
    [InlineData("\"dialect\":\"of next year\"")]
    [InlineData("\"body\":\"{}\"")]
    [InlineData("\"body\":\"{\"")]
    [InlineData("\"seeds\":[]")]
    [InlineData("\"seeds\":[\"-1\"]")]
    [InlineData("\"seeds\":7")]
    [InlineData("\"seeds\":[null]")]
    [InlineData("\"known\":null")]
    [InlineData("\"known\":{}")]
    [InlineData("\"known\":{\"one\":{},\"all\":{\"x\":null}}")]
    [InlineData("\"known\":{\"one\":{},\"all\":{\"x\":[7]}}")]
    [InlineData("\"attempts\":\"many\"")]
    [InlineData("\"attempts\":99999999999")]
    public async Task A_ticket_that_nobody_can_read_fails_its_answer_and_no_other(string broken)
    {
        string bad, good;
        await using (var server = await TestServer.StartAsync(Options, Stuck()))
            (bad, good) = (await BeginAsync(server), await BeginAsync(server));
        using (var objects = ApiObjects.Open(System.IO.Path.Combine(_folder, "objects.db")))
        {
            var ticket = objects.OfAll("answer at work").Single(one => one.Id == bad);
            var json = (System.Text.Json.Nodes.JsonObject)System.Text.Json.Nodes.JsonNode.Parse(ticket.Json)!;
            if (broken.StartsWith('"'))
            {
                foreach (var (field, value) in System.Text.Json.Nodes.JsonNode.Parse($"{{{broken}}}")!.AsObject())
                    json[field] = value?.DeepClone();
            }

            objects.Put(ticket with { Json = broken.StartsWith('"') ? json.ToJsonString() : broken });
        }

        await using (var server = await TestServer.StartAsync(Options, new ScriptedModel("m", "done")))
        {
            Assert.Equal("response.completed", (await EventsAsync(server, good, ""))[^1].GetProperty("type").GetString());
            Assert.Equal("failed", (await GetAsync(server, bad)).GetProperty("status").GetString());
        }

        using var left = ApiObjects.Open(System.IO.Path.Combine(_folder, "objects.db"));
        Assert.Empty(left.OfAll("answer at work"));
    }

    private static ScriptedModel Stuck(string id = "m") => new(id, "one", "two")
    {
        BeforePiece = (i, token) => i == 0 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, token),
    };

    private static async IAsyncEnumerable<ChatEvent> CallAsync(string callId, bool sticks, [EnumeratorCancellation] CancellationToken cancel)
    {
        yield return new ChatStarted("m", null);
        yield return new ChatToolCall(0, "{}") { Id = callId, Name = "f" };
        if (sticks)
            await Task.Delay(Timeout.Infinite, cancel);
        yield return new ChatFinished(FinishReason.ToolCalls, new TokenUsage(1, 1));
    }

    private static async Task<string> BeginAsync(TestServer server, string body = """{"model":"m","input":"Hi","background":true}""") =>
        (await TestServer.JsonAsync(await server.PostAsync(body, Path))).GetProperty("id").GetString()!;

    private static async Task<JsonElement> GetAsync(TestServer server, string id) =>
        await TestServer.JsonAsync(await server.Client.GetAsync($"{Path}/{id}", Token));

    private static async Task<JsonElement> ItemsAsync(TestServer server, string id) =>
        await TestServer.JsonAsync(await server.Client.GetAsync($"{Path}/{id}/input_items", Token));

    private static async Task<List<JsonElement>> EventsAsync(TestServer server, string id, string more, int count = int.MaxValue)
    {
        using var response = await server.Client.GetAsync($"{Path}/{id}?stream=true{more}", HttpCompletionOption.ResponseHeadersRead, Token);
        return await SseParser.Create(await response.Content.ReadAsStreamAsync(Token)).EnumerateAsync(Token)
            .Take(count).Select(item => JsonDocument.Parse(item.Data).RootElement).ToListAsync(Token);
    }

    private static string Told(JsonElement one) => one.GetRawText();

    private static string Text(JsonElement response) => string.Concat(response.GetProperty("output").EnumerateArray()
        .Where(item => item.GetProperty("type").GetString() == "message")
        .SelectMany(item => item.GetProperty("content").EnumerateArray()).Select(part => part.GetProperty("text").GetString()));
}
