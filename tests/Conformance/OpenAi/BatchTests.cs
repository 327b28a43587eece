using System.Net;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Conformance.Schemas;
using Causerie.Host.Serving;
using Causerie.Tests;

namespace Causerie.Conformance.OpenAi;

/// <summary>The Batches API: from a file of requests to files of answers, each request once, also over a kill.</summary>
public sealed class BatchTests
{
    private const string Path = "/v1/batches";
    private const string ChatPath = "/v1/chat/completions";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Path, ChatPath, """{"model":"m","messages":[{"role":"user","content":"Hi"}]}""", "CreateChatCompletionResponse")]
    [InlineData("/batches", "/v1/responses", """{"model":"m","input":"Hi"}""", "Response")]
    [InlineData(Path, "/v1/completions", """{"model":"m","prompt":"Hi"}""", "CreateCompletionResponse")]
    public async Task Requests_are_answered_through_their_endpoints(string path, string endpoint, string body, string schema)
    {
        var spec = SpecSchema.OpenAi();
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "Hello", " Zoë"));
        string input = await SendAsync(server, Line("a", body, endpoint), Line("b", body, endpoint), Line("bad", """{"model":"m","no_such":1}""", endpoint));
        var begun = await TestServer.JsonAsync(await server.PostAsync(
            $$$"""{"input_file_id":"{{{input}}}","endpoint":"{{{endpoint}}}","completion_window":"24h","metadata":{"k":"v"}}""", path));
        Assert.Empty(spec.Check("Batch", begun));
        Assert.Equal("validating", begun.GetProperty("status").GetString());
        var ended = await EndAsync(server, begun);
        Assert.Empty(spec.Check("Batch", ended));
        Assert.Equal(("completed", "m", "v"), (
            ended.GetProperty("status").GetString(), ended.GetProperty("model").GetString(), ended.GetProperty("metadata").GetProperty("k").GetString()));
        Assert.Equal("""{"total":3,"completed":2,"failed":1}""", ended.GetProperty("request_counts").GetRawText());
        var usage = ended.GetProperty("usage");
        Assert.Equal((14, 4, 18), (usage.GetProperty("input_tokens").GetInt32(), usage.GetProperty("output_tokens").GetInt32(), usage.GetProperty("total_tokens").GetInt32()));
        foreach (string time in (string[])["in_progress_at", "finalizing_at", "completed_at"])
            Assert.True(ended.GetProperty(time).GetInt64() >= begun.GetProperty("created_at").GetInt64(), time);

        var outputs = await LinesAsync(server, ended, "output_file_id");
        Assert.Equal(["a", "b"], outputs.Select(CustomId).Order());
        Assert.All(outputs, line =>
        {
            Assert.Equal((200, JsonValueKind.Null), (line.GetProperty("response").GetProperty("status_code").GetInt32(), line.GetProperty("error").ValueKind));
            Assert.StartsWith("req_", line.GetProperty("response").GetProperty("request_id").GetString(), StringComparison.Ordinal);
            Assert.Empty(spec.Check(schema, line.GetProperty("response").GetProperty("body")));
            Assert.Contains("Hello Zoë", line.GetRawText(), StringComparison.Ordinal);
        });
        var failure = Assert.Single(await LinesAsync(server, ended, "error_file_id")).GetProperty("response");
        Assert.Equal(400, failure.GetProperty("status_code").GetInt32());
        Assert.Empty(spec.Check("ErrorResponse", failure.GetProperty("body")));
        Assert.Equal("unknown_parameter", failure.GetProperty("body").GetProperty("error").GetProperty("code").GetString());
        var file = await TestServer.JsonAsync(await server.Client.GetAsync($"/v1/files/{ended.GetProperty("output_file_id").GetString()}", Token));
        Assert.Empty(spec.Check("OpenAIFile", file));
        Assert.Equal("batch_output", file.GetProperty("purpose").GetString());
        Assert.False(file.TryGetProperty("expires_at", out _));
    }

    [Fact]
    public async Task Each_malformed_line_is_named_and_no_request_is_sent()
    {
        var spec = SpecSchema.OpenAi();
        var model = new ScriptedModel("m", "x");
        await using var server = await TestServer.StartAsync(model);
        const string Body = """{"model":"m","messages":[]}""";
        (string Line, string Code, string? Param)[] lines =
        [
            (Line("a", Body), "", null),
            ("{", "invalid_json_line", null),
            ("", "invalid_json_line", null),
            ("[]", "invalid_json_line", null),
            (Line("a", Body), "duplicate_custom_id", "custom_id"),
            ($$"""{"method":"POST","url":"{{ChatPath}}","body":{} }""", "missing_required_parameter", "custom_id"),
            ($$"""{"custom_id":"b","url":"{{ChatPath}}","body":{} }""", "missing_required_parameter", "method"),
            ("""{"custom_id":"c","method":"POST","body":{}}""", "missing_required_parameter", "url"),
            ($$"""{"custom_id":"d","method":"POST","url":"{{ChatPath}}"}""", "missing_required_parameter", "body"),
            (Line("e", Body, "/v1/responses"), "invalid_url", "url"),
            (Line("f", Body).Replace("POST", "GET", StringComparison.Ordinal), "invalid_method", "method"),
            (Line("g", "7"), "invalid_type", "body"),
            (Line("h", Body).Replace("\"h\"", "7", StringComparison.Ordinal), "invalid_type", "custom_id"),
            (Line("", Body), "invalid_value", "custom_id"),
            (Line("i", Body).Replace("\"body\"", "\"more\":1,\"body\"", StringComparison.Ordinal), "unknown_parameter", "more"),
            (Line("j", """{"stream":true}"""), "unsupported_value", "body.stream"),
            (Line("k", """{"background":true}"""), "unsupported_value", "body.background"),
            (Line("l", """{"a":1,"a":2}"""), "duplicate_parameter", "body.a"),
        ];
        string input = await SendAsync(server, [.. lines.Select(line => line.Line)]);
        var ended = await EndAsync(server, await BeginAsync(server, input));
        Assert.Empty(spec.Check("Batch", ended));
        Assert.Equal("failed", ended.GetProperty("status").GetString());
        Assert.True(ended.TryGetProperty("failed_at", out _));
        Assert.Equal(
            lines.Select((line, i) => (line.Code, line.Param, i + 1)).Where(line => line.Code.Length > 0),
            ended.GetProperty("errors").GetProperty("data").EnumerateArray().Select(error => (
                error.GetProperty("code").GetString()!, error.GetProperty("param").GetString(), error.GetProperty("line").GetInt32())));
        Assert.Empty(model.Requests);
        Assert.False(ended.TryGetProperty("output_file_id", out _) || ended.TryGetProperty("error_file_id", out _));
    }

    [Theory]
    [InlineData("", "empty_file", 1)]
    [InlineData("many", "too_many_requests", 1)]
    [InlineData("wrong", "more_errors", 101)]
    public async Task Files_that_are_empty_or_too_long_fail(string what, string code, int errors)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        string[] lines = what switch
        {
            "many" => [.. Enumerable.Range(0, 50_001).Select(i => Line($"{i}", "{}"))],
            "wrong" => [.. Enumerable.Repeat("x", 1000)],
            _ => [],
        };
        var ended = await EndAsync(server, await BeginAsync(server, await SendAsync(server, lines)));
        Assert.Equal("failed", ended.GetProperty("status").GetString());
        var all = ended.GetProperty("errors").GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(errors, all.Count);
        Assert.Equal(code, all[what == "wrong" ? ^1 : 0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_named()
    {
        await using var server = await TestServer.StartAsync(new ServerOptions { MaxRequestBytes = 1000 }, new ScriptedModel("m", "x"));
        string input = await SendAsync(server, Line("a", "{}"), Line("b", $$"""{"x":"{{new string('x', 200_000)}}"}"""), Line("c", "7"));
        var errors = (await EndAsync(server, await BeginAsync(server, input))).GetProperty("errors").GetProperty("data");
        Assert.Equal([("request_too_large", 2), ("invalid_type", 3)], errors.EnumerateArray().Select(one => (one.GetProperty("code").GetString()!, one.GetProperty("line").GetInt32())));
    }

    [Theory]
    [InlineData("""{"endpoint":"/v1/responses","completion_window":"24h"}""", "input_file_id", "missing_required_parameter")]
    [InlineData("""{"input_file_id":"FILE","completion_window":"24h"}""", "endpoint", "missing_required_parameter")]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/responses"}""", "completion_window", "missing_required_parameter")]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/responses","completion_window":"1h"}""", "completion_window", "invalid_value")]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/files","completion_window":"24h"}""", "endpoint", "invalid_value")]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/moderations","completion_window":"24h"}""", "endpoint", "invalid_value")]
    [InlineData("""{"input_file_id":7,"endpoint":"/v1/responses","completion_window":"24h"}""", "input_file_id", "invalid_type")]
    [InlineData("""{"input_file_id":"file-0","endpoint":"/v1/responses","completion_window":"24h"}""", "input_file_id", "file_not_found")]
    [InlineData("""{"input_file_id":"OTHER","endpoint":"/v1/responses","completion_window":"24h"}""", "input_file_id", "invalid_value")]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/responses","completion_window":"24h","metadata":{"a":1}}""", "metadata.a", "invalid_type")]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/responses","completion_window":"24h","no":1}""", "no", "unknown_parameter")]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/responses","completion_window":"24h","output_expires_after":{"anchor":"created_at"}}""", "output_expires_after.seconds", "missing_required_parameter")]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/responses","completion_window":"24h","output_expires_after":{"anchor":"created_at","seconds":1}}""", "output_expires_after.seconds", "integer_below_min_value")]
    [InlineData("""{"input_file_id":"FILE","endpoint":"/v1/responses","completion_window":"24h","output_expires_after":{"anchor":"now","seconds":3600}}""", "output_expires_after.anchor", "invalid_value")]
    public async Task What_is_malformed_is_refused_by_name(string body, string param, string code)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        string other = (await FileTests.SendAsync(server, "user_data")).GetProperty("id").GetString()!;
        body = body.Replace("FILE", await SendAsync(server, "{}"), StringComparison.Ordinal).Replace("OTHER", other, StringComparison.Ordinal);
        var response = await server.PostAsync(body, Path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = await TestServer.ErrorAsync(response);
        Assert.Equal((param, code), (error.Param, error.Code));
        Assert.Empty((await TestServer.JsonAsync(await server.Client.GetAsync(Path, Token))).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task A_batch_that_is_cancelled_keeps_what_it_has()
    {
        var spec = SpecSchema.OpenAi();
        int asked = 0;
        var model = new ScriptedModel("m", "x") { BeforePiece = (_, token) => Interlocked.Increment(ref asked) <= 2 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, token) };
        await using var server = await TestServer.StartAsync(new ServerOptions { BatchParallel = 1 }, model);
        var begun = await BeginAsync(server, await SendAsync(server, Chats(5)));
        var running = await UntilAsync(server, begun, batch => batch.GetProperty("request_counts").GetProperty("completed").GetInt32() == 2);
        Assert.Equal("in_progress", running.GetProperty("status").GetString());
        string cancel = $"{Path}/{begun.GetProperty("id").GetString()}/cancel";
        var cancelling = await TestServer.JsonAsync(await server.PostAsync("{}", cancel));
        Assert.Empty(spec.Check("Batch", cancelling));
        Assert.Contains(cancelling.GetProperty("status").GetString(), (string[])["cancelling", "cancelled"]);
        var ended = await EndAsync(server, begun);
        Assert.Empty(spec.Check("Batch", ended));
        Assert.Equal(("cancelled", """{"total":5,"completed":2,"failed":3}"""), (ended.GetProperty("status").GetString(), ended.GetProperty("request_counts").GetRawText()));
        Assert.True(ended.TryGetProperty("cancelling_at", out _) && ended.TryGetProperty("cancelled_at", out _));
        Assert.Equal(["c0", "c1"], (await LinesAsync(server, ended, "output_file_id")).Select(CustomId));
        var left = await LinesAsync(server, ended, "error_file_id");
        Assert.Equal(["c2", "c3", "c4"], left.Select(CustomId).Order());
        Assert.All(left, line => Assert.Equal("batch_cancelled", line.GetProperty("error").GetProperty("code").GetString()));
        var again = await server.PostAsync("{}", cancel);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_value"), (again.StatusCode, (await TestServer.ErrorAsync(again)).Code));
    }

    [Theory]
    [InlineData(1, 3, false)]
    [InlineData(4, 11, false)]
    [InlineData(4, 11, true)]
    public async Task A_kill_in_the_middle_answers_no_line_twice(int parallel, int answered, bool torn)
    {
        const int Lines = 30;
        using var folder = new ScratchFolder();
        var options = new ServerOptions { DataFolder = folder.Path, BatchParallel = parallel };
        int asked = 0;
        var slow = new ScriptedModel("m", "x")
        {
            BeforePiece = (_, token) => Interlocked.Increment(ref asked) <= answered ? Task.CompletedTask : Task.Delay(Timeout.Infinite, token),
        };
        JsonElement begun;
        await using (var server = await TestServer.StartAsync(options, slow))
        {
            begun = await BeginAsync(server, await SendAsync(server, Chats(Lines)), ""","output_expires_after":{"anchor":"created_at","seconds":3600}""");
            await UntilAsync(server, begun, batch => batch.GetProperty("request_counts").GetProperty("completed").GetInt32() == answered);
        }

        string journal = Assert.Single(Directory.GetFiles(System.IO.Path.Combine(folder.Path, "batches"), "*.output.jsonl"));
        string[] before = await File.ReadAllLinesAsync(journal, Token);
        Assert.Equal(answered, before.Length);
        if (torn)
        {
            // What a machine leaves behind that lost its power while the last line was written.
            await using var file = new FileStream(journal, FileMode.Open);
            file.SetLength(file.Length - 20);
        }

        var quick = new ScriptedModel("m", "y");
        await using var again = await TestServer.StartAsync(options, quick);
        var ended = await EndAsync(again, begun);
        Assert.Equal("completed", ended.GetProperty("status").GetString());
        Assert.Equal($$"""{"total":{{Lines}},"completed":{{Lines}},"failed":0}""", ended.GetProperty("request_counts").GetRawText());
        Assert.Equal(8 * Lines, ended.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        var outputs = await LinesAsync(again, ended, "output_file_id");
        Assert.Equal(Enumerable.Range(0, Lines).Select(i => $"c{i}").Order(), outputs.Select(CustomId).Order());
        Assert.Equal(before[..^(torn ? 1 : 0)], outputs.Select(line => line.GetRawText()).Take(answered - (torn ? 1 : 0)));
        Assert.Equal(Lines - answered + (torn ? 1 : 0), quick.Requests.Count);
        var file2 = await TestServer.JsonAsync(await again.Client.GetAsync($"/v1/files/{ended.GetProperty("output_file_id").GetString()}", Token));
        Assert.Equal(3600, file2.GetProperty("expires_at").GetInt64() - file2.GetProperty("created_at").GetInt64());
        Assert.Empty(Directory.GetFiles(System.IO.Path.Combine(folder.Path, "batches")));
    }

    [Fact]
    public async Task A_server_that_stops_in_good_order_loses_nothing_and_fails_nothing()
    {
        using var folder = new ScratchFolder();
        var options = new ServerOptions { DataFolder = folder.Path, BatchParallel = 2, Grace = TimeSpan.FromMilliseconds(100) };
        var slow = new ScriptedModel("m", "x") { BeforePiece = (_, token) => Task.Delay(Timeout.Infinite, token) };
        JsonElement begun;
        await using (var server = await TestServer.StartAsync(options, slow))
        {
            begun = await BeginAsync(server, await SendAsync(server, Chats(4)));
            await slow.Began.WaitAsync(TimeSpan.FromSeconds(10), Token);
            await server.StopAsync();
        }

        await using var again = await TestServer.StartAsync(options, new ScriptedModel("m", "y"));
        Assert.Equal("""{"total":4,"completed":4,"failed":0}""", (await EndAsync(again, begun)).GetProperty("request_counts").GetRawText());
    }

    [Fact]
    public async Task A_model_that_is_busy_is_asked_again()
    {
        int asked = 0;
        var model = new ScriptedModel("m", "x")
        {
            BeforePiece = (_, _) => Interlocked.Increment(ref asked) <= 3
                ? throw new ChatException(ChatErrorKind.Overloaded, "Busy.") { RetryAfter = TimeSpan.FromMilliseconds(1) } : Task.CompletedTask,
        };
        await using var server = await TestServer.StartAsync(model);
        var ended = await EndAsync(server, await BeginAsync(server, await SendAsync(server, Chats(2))));
        Assert.Equal("""{"total":2,"completed":2,"failed":0}""", ended.GetProperty("request_counts").GetRawText());
        Assert.True(asked >= 4);
    }

    [Fact]
    public async Task Batches_run_side_by_side_are_bounded_patient_and_listed()
    {
        var spec = SpecSchema.OpenAi();
        int now = 0, most = 0;
        var model = new ScriptedModel("m", "x")
        {
            BeforePiece = async (_, token) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref now));
                await Task.Delay(20, token);
                Interlocked.Decrement(ref now);
            },
        };
        await using var server = await TestServer.StartAsync(new ServerOptions { BatchParallel = 3 }, model);
        var ids = new List<string>();
        foreach (int _ in (int[])[1, 2])
            ids.Add((await BeginAsync(server, await SendAsync(server, Chats(10)))).GetProperty("id").GetString()!);
        foreach (string id in ids)
            await EndAsync(server, await TestServer.JsonAsync(await server.Client.GetAsync($"{Path}/{id}", Token)));
        Assert.Equal(3, most);
        Assert.Equal(20, model.Requests.Count);
        Assert.All(model.Requests, request => Assert.True(request.IsPatient));
        await server.PostAsync("""{"model":"m","messages":[{"role":"user","content":"Hi"}]}""");
        Assert.False(model.Requests.Last().IsPatient);
        var list = await TestServer.JsonAsync(await server.Client.GetAsync($"{Path}?limit=1", Token));
        Assert.Empty(spec.Check("ListBatchesResponse", list));
        Assert.True(list.GetProperty("has_more").GetBoolean());
        Assert.Equal(ids[1], list.GetProperty("last_id").GetString());
        var rest = await TestServer.JsonAsync(await server.Client.GetAsync($"{Path}?after={ids[1]}", Token));
        Assert.Equal(ids[0], Assert.Single(rest.GetProperty("data").EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Another_key_finds_nothing_and_answers_are_kept_for_the_right_one()
    {
        await using var server = await TestServer.StartAsync(new ServerOptions { ApiKeys = ["one", "two"] }, new ScriptedModel("m", "x"));
        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", "one");
        string input = await SendAsync(server, Line("a", """{"model":"m","messages":[{"role":"user","content":"Hi"}],"store":true}"""));
        var ended = await EndAsync(server, await BeginAsync(server, input));
        string id = ended.GetProperty("id").GetString()!;
        Assert.Single((await TestServer.JsonAsync(await server.Client.GetAsync(ChatPath, Token))).GetProperty("data").EnumerateArray());
        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", "two");
        Assert.Empty((await TestServer.JsonAsync(await server.Client.GetAsync(ChatPath, Token))).GetProperty("data").EnumerateArray());
        Assert.Empty((await TestServer.JsonAsync(await server.Client.GetAsync(Path, Token))).GetProperty("data").EnumerateArray());
        Assert.Equal("batch_not_found", (await TestServer.ErrorAsync(await server.Client.GetAsync($"{Path}/{id}", Token))).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await server.PostAsync("{}", $"{Path}/{id}/cancel")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"/v1/files/{ended.GetProperty("output_file_id").GetString()}", Token)).StatusCode);
        Assert.Equal("file_not_found", (await TestServer.ErrorAsync(await server.PostAsync(
            $$"""{"input_file_id":"{{input}}","endpoint":"{{ChatPath}}","completion_window":"24h"}""", Path))).Code);
    }

    internal static string Line(string id, string body, string url = ChatPath) =>
        $$"""{"custom_id":"{{id}}","method":"POST","url":"{{url}}","body":{{body}}}""";

    internal static string[] Chats(int count) =>
        [.. Enumerable.Range(0, count).Select(i => Line($"c{i}", """{"model":"m","messages":[{"role":"user","content":"Hi"}]}"""))];

    internal static async Task<string> SendAsync(TestServer server, params string[] lines)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(string.Concat(lines.Select(line => line + "\n"))), "file", "in.jsonl" },
            { new StringContent("batch"), "purpose" },
        };
        return (await TestServer.JsonAsync(await server.Client.PostAsync("/v1/files", form, Token))).GetProperty("id").GetString()!;
    }

    private static async Task<JsonElement> BeginAsync(TestServer server, string input, string more = "") => await TestServer.JsonAsync(
        await server.PostAsync($$"""{"input_file_id":"{{input}}","endpoint":"{{ChatPath}}","completion_window":"24h"{{more}}}""", Path));

    private static Task<JsonElement> EndAsync(TestServer server, JsonElement batch) => UntilAsync(
        server, batch, now => now.GetProperty("status").GetString() is "completed" or "failed" or "cancelled" or "expired");

    private static async Task<JsonElement> UntilAsync(TestServer server, JsonElement batch, Predicate<JsonElement> holds)
    {
        for (int i = 0; ; i++)
        {
            var now = await TestServer.JsonAsync(await server.Client.GetAsync($"{Path}/{batch.GetProperty("id").GetString()}", Token));
            if (holds(now))
                return now;
            Assert.True(i < 3000, now.GetRawText());
            await Task.Delay(10, Token);
        }
    }

    private static async Task<List<JsonElement>> LinesAsync(TestServer server, JsonElement batch, string file)
    {
        string text = await server.Client.GetStringAsync($"/v1/files/{batch.GetProperty(file).GetString()}/content", Token);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static string CustomId(JsonElement line) => line.GetProperty("custom_id").GetString()!;
}
