using System.Net;
using Causerie.Conformance.Schemas;
using Causerie.Conversations.Storage;
using Causerie.Host.Serving;
using Causerie.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Causerie.Conformance.OpenAi;

/// <summary>Completions and conversations that are kept: shapes, pages, owners, and what is refused.</summary>
public sealed class KeptTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData(",\"stream\":true")]
    [InlineData(",\"n\":2")]
    public async Task A_completion_is_kept_as_it_was_told(string more)
    {
        var spec = SpecSchema.OpenAi();
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "Hello", " there"));
        var told = await server.PostAsync($$"""{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"Hi"}],"store":true,"metadata":{"a":"b"}{{more}}}""");
        string text = await told.Content.ReadAsStringAsync(Token);
        var list = await TestServer.JsonAsync(await server.Client.GetAsync("/v1/chat/completions?metadata[a]=b", Token));
        var kept = Assert.Single(list.GetProperty("data").EnumerateArray());
        string id = kept.GetProperty("id").GetString()!;
        Assert.Contains(id, text, StringComparison.Ordinal);
        Assert.Equal("Hello there", kept.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("b", kept.GetProperty("metadata").GetProperty("a").GetString());
        Assert.All(spec.Check("ChatCompletionList", list), error => Assert.Contains("'metadata' is not in", error, StringComparison.Ordinal));
        var messages = await TestServer.JsonAsync(await server.Client.GetAsync($"/v1/chat/completions/{id}/messages", Token));
        Assert.Equal(["s", "Hi"], messages.GetProperty("data").EnumerateArray().Select(message => message.GetProperty("content").GetString()));
        Assert.Empty((await TestServer.JsonAsync(await server.Client.GetAsync("/v1/chat/completions?model=other", Token))).GetProperty("data").EnumerateArray());
        Assert.Empty((await TestServer.JsonAsync(await server.Client.GetAsync("/v1/chat/completions?metadata[a]=c", Token))).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task Without_store_nothing_is_kept()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        await server.PostAsync("""{"model":"m","messages":[{"role":"user","content":"Hi"}]}""");
        Assert.Empty((await TestServer.JsonAsync(await server.Client.GetAsync("/v1/chat/completions", Token))).GetProperty("data").EnumerateArray());
    }

    [Theory]
    [InlineData("asc")]
    [InlineData("desc")]
    public async Task Thousands_are_told_page_by_page(string order)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var objects = server.Services.GetRequiredService<ApiObjects>();
        string conversation = (await TestServer.JsonAsync(await server.PostAsync("{}", "/v1/conversations"))).GetProperty("id").GetString()!;
        objects.Put([.. Enumerable.Range(0, 3000).SelectMany(i => (ApiObject[])
        [
            new("chat.completion", $"c{i}", "", DateTimeOffset.UnixEpoch, $$$"""{"completion":{"id":"c{{{i}}}","model":"m{{{i % 3}}}","metadata":{"even":"{{{i % 2}}}"} },"messages":[]}"""),
            new($"item of {conversation}", $"i{i}", "", DateTimeOffset.UnixEpoch, $$"""{"id":"i{{i}}"}"""),
        ])]);
        int[] all = [.. Enumerable.Range(0, 3000)];
        if (order == "desc")
            Array.Reverse(all);
        Assert.Equal(all.Select(i => $"c{i}"), await PagesAsync(server, $"/v1/chat/completions?limit=100&order={order}"));
        Assert.Equal(
            all.Where(i => i % 3 == 1 && i % 2 == 0).Select(i => $"c{i}"),
            await PagesAsync(server, $"/v1/chat/completions?limit=7&model=m1&metadata[even]=0&order={order}"));
        Assert.Equal(all.Select(i => $"i{i}"), await PagesAsync(server, $"/v1/conversations/{conversation}/items?limit=99&order={order}"));
    }

    private static async Task<List<string>> PagesAsync(TestServer server, string path)
    {
        var ids = new List<string>();
        bool more = true;
        for (string after = ""; more; after = $"&after={ids[^1]}")
        {
            var page = await TestServer.JsonAsync(await server.Client.GetAsync(path + after, Token));
            more = page.GetProperty("has_more").GetBoolean();
            ids.AddRange(page.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("id").GetString()!));
            Assert.Equal(ids[^1], page.GetProperty("last_id").GetString());
        }

        return ids;
    }

    [Theory]
    [InlineData("/v1/conversations", "text/plain", null, 415, "unsupported_content_type")]
    [InlineData("/v1/conversations", "application/json", "gzip", 415, "unsupported_content_encoding")]
    [InlineData("/v1/conversations/none/items", "multipart/form-data", null, 415, "unsupported_content_type")]
    [InlineData("/v1/chat/completions/none", null, null, 415, "unsupported_content_type")]
    public async Task Bodies_that_are_no_plain_JSON_are_refused(string path, string? type, string? encoding, int status, string code)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var content = new ByteArrayContent("""{"metadata":{}}"""u8.ToArray());
        if (type is not null)
            content.Headers.ContentType = new(type);
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);
        var response = await server.Client.PostAsync(path, content, Token);
        Assert.Equal((status, code), ((int)response.StatusCode, (await TestServer.ErrorAsync(response)).Code));
    }

    [Theory]
    [InlineData("/v1/conversations", false)]
    [InlineData("/v1/conversations", true)]
    [InlineData("/v1/conversations/none/items", true)]
    [InlineData("/v1/chat/completions/none", true)]
    public async Task Bodies_that_are_too_large_are_refused(string path, bool chunked)
    {
        await using var server = await TestServer.StartAsync(new ServerOptions { MaxRequestBytes = 1000 }, new ScriptedModel("m", "x"));
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent($$$"""{"metadata":{"a":"{{{new string('x', 2000)}}}"}}""", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = chunked;
        var response = await server.Client.SendAsync(request, Token);
        Assert.Equal((413, "request_too_large"), ((int)response.StatusCode, (await TestServer.ErrorAsync(response)).Code));
    }

    [Fact]
    public async Task A_conversation_begins_without_a_body()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsync("/v1/conversations", null, Token)).StatusCode);
    }

    [Fact]
    public async Task A_conversation_grows_with_its_responses()
    {
        var spec = SpecSchema.OpenAi();
        var model = new ScriptedModel("m", "Hello");
        await using var server = await TestServer.StartAsync(model);
        var conversation = await TestServer.JsonAsync(await server.PostAsync(
            """{"items":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"metadata":{"k":"v"}}""", "/v1/conversations"));
        Assert.Empty(spec.Check("ConversationResource", conversation));
        string id = conversation.GetProperty("id").GetString()!;
        var response = await TestServer.JsonAsync(await server.PostAsync(
            $$$"""{"model":"m","conversation":{"id":"{{{id}}}"},"input":"c","store":false}""", "/v1/responses"));
        Assert.Equal(id, response.GetProperty("conversation").GetProperty("id").GetString());
        Assert.Equal(["a", "b", "c"], model.Requests.Last().Messages.Select(message => message.Text));
        var streamed = await server.PostAsync($$"""{"model":"m","conversation":"{{id}}","input":"d","stream":true}""", "/v1/responses");
        await streamed.Content.ReadAsStringAsync(Token);
        Assert.Equal(["a", "b", "c", "Hello", "d"], model.Requests.Last().Messages.Select(message => message.Text));
        var items = await TestServer.JsonAsync(await server.Client.GetAsync($"/v1/conversations/{id}/items?limit=100&order=asc", Token));
        Assert.Equal(6, items.GetProperty("data").GetArrayLength());
        Assert.Empty(spec.Check("ConversationItemList", items));
        string last = items.GetProperty("last_id").GetString()!;
        Assert.Equal(HttpStatusCode.OK, (await server.Client.DeleteAsync($"/v1/conversations/{id}/items/{last}", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"/v1/conversations/{id}/items/{last}", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.DeleteAsync($"/v1/conversations/{id}", Token)).StatusCode);
        Assert.Equal("conversation_not_found", (await TestServer.ErrorAsync(await server.PostAsync(
            $$"""{"model":"m","conversation":"{{id}}","input":"e"}""", "/v1/responses"))).Code);
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions/none", null, 404, "completion_not_found")]
    [InlineData("DELETE", "/v1/chat/completions/none", null, 404, "completion_not_found")]
    [InlineData("POST", "/v1/chat/completions/none", """{"metadata":{}}""", 404, "completion_not_found")]
    [InlineData("POST", "/v1/chat/completions/none", "{}", 400, "missing_required_parameter")]
    [InlineData("POST", "/v1/chat/completions/none", """{"metadata":{"a":1}}""", 400, "invalid_type")]
    [InlineData("GET", "/v1/chat/completions?limit=0", null, 400, "invalid_value")]
    [InlineData("GET", "/v1/chat/completions?order=up", null, 400, "invalid_value")]
    [InlineData("GET", "/v1/chat/completions?after=none", null, 400, "invalid_value")]
    [InlineData("GET", "/v1/chat/completions?page=2", null, 400, "unknown_parameter")]
    [InlineData("POST", "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"metadata":{"a":"b"}}""", 400, "invalid_value")]
    [InlineData("GET", "/v1/conversations/none", null, 404, "conversation_not_found")]
    [InlineData("POST", "/v1/conversations", """{"items":7}""", 400, "invalid_type")]
    [InlineData("POST", "/v1/conversations", """{"items":[{"role":"x","content":"a"}]}""", 400, "invalid_value")]
    [InlineData("POST", "/v1/conversations", """{"more":1}""", 400, "unknown_parameter")]
    [InlineData("POST", "/v1/conversations", "{", 400, "invalid_json")]
    [InlineData("POST", "/v1/conversations/none/items", "{}", 400, "missing_required_parameter")]
    [InlineData("POST", "/v1/conversations/none/items", """{"items":[]}""", 404, "conversation_not_found")]
    [InlineData("GET", "/v1/conversations/none/items", null, 404, "conversation_not_found")]
    [InlineData("GET", "/v1/responses/none/input_items", null, 404, "response_not_found")]
    public async Task What_is_malformed_or_absent_is_refused(string method, string path, string? body, int status, string code)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var response = await server.Client.SendAsync(request, Token);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(code, (await TestServer.ErrorAsync(response)).Code);
    }

    [Fact]
    public async Task Another_key_finds_nothing()
    {
        await using var server = await TestServer.StartAsync(new ServerOptions { ApiKeys = ["one", "two"] }, new ScriptedModel("m", "x"));
        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", "one");
        await server.PostAsync("""{"model":"m","messages":[{"role":"user","content":"Hi"}],"store":true}""");
        string id = (await TestServer.JsonAsync(await server.PostAsync("{}", "/v1/conversations"))).GetProperty("id").GetString()!;
        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", "two");
        Assert.Empty((await TestServer.JsonAsync(await server.Client.GetAsync("/v1/chat/completions", Token))).GetProperty("data").EnumerateArray());
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"/v1/conversations/{id}", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.DeleteAsync($"/v1/conversations/{id}", Token)).StatusCode);
    }

    [Fact]
    public async Task The_client_for_JavaScript_keeps_and_lists()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "Hello"));
        var seen = await NpmClient.RunAsync(server.Address, "kept");
        Assert.Equal(("Hello", "b", "Hello", "Hello"), (
            seen.GetProperty("got").GetString(), seen.GetProperty("topic").GetString(), seen.GetProperty("asked").GetString(),
            seen.GetProperty("response").GetString()));
        Assert.Equal("[true]", seen.GetProperty("listed").GetRawText());
        Assert.Equal("[\"user\",\"user\",\"assistant\"]", seen.GetProperty("items").GetRawText());
        Assert.Equal("My name is Anna.", seen.GetProperty("first").GetString());
        Assert.True(seen.GetProperty("deleted").GetBoolean() && seen.GetProperty("gone").GetBoolean());
    }
}
