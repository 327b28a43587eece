using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Causerie.Conformance.Schemas;
using Causerie.Host.Serving;
using Causerie.Tests;

namespace Causerie.Conformance.OpenAi;

/// <summary>The Files API: shapes, pages, owners, restarts, and what is refused.</summary>
public sealed class FileTests
{
    private const string Path = "/v1/files";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Path)]
    [InlineData("/files")]
    public async Task A_file_is_sent_got_read_and_deleted(string path)
    {
        var spec = SpecSchema.OpenAi();
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        byte[] bytes = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31))];
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(bytes), "file", "Zoë 😀.bin" },
            { new StringContent("user_data"), "purpose" },
        };
        var sent = await TestServer.JsonAsync(await server.Client.PostAsync(path, form, Token));
        Assert.Empty(spec.Check("OpenAIFile", sent));
        Assert.Equal(("Zoë 😀.bin", 300_000), (sent.GetProperty("filename").GetString(), sent.GetProperty("bytes").GetInt32()));
        Assert.False(sent.TryGetProperty("expires_at", out _));
        string one = $"{path}/{sent.GetProperty("id").GetString()}";
        Assert.Equal(sent.GetRawText(), (await TestServer.JsonAsync(await server.Client.GetAsync(one, Token))).GetRawText());
        var content = await server.Client.GetAsync($"{one}/content", Token);
        Assert.Equal(bytes, await content.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal("Zoë 😀.bin", content.Content.Headers.ContentDisposition!.FileNameStar);
        var deleted = await TestServer.JsonAsync(await server.Client.DeleteAsync(one, Token));
        Assert.Empty(spec.Check("DeleteFileResponse", deleted));
        foreach (string gone in (string[])[one, $"{one}/content"])
            Assert.Equal("file_not_found", (await TestServer.ErrorAsync(await server.Client.GetAsync(gone, Token))).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.DeleteAsync(one, Token)).StatusCode);
    }

    [Fact]
    public async Task Files_are_listed_by_purpose_order_and_page()
    {
        var spec = SpecSchema.OpenAi();
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var ids = new List<string>();
        for (int i = 0; i < 5; i++)
            ids.Add((await SendAsync(server, i == 2 ? "batch" : "user_data")).GetProperty("id").GetString()!);
        var all = await TestServer.JsonAsync(await server.Client.GetAsync(Path, Token));
        Assert.Empty(spec.Check("ListFilesResponse", all));
        Assert.Equal(ids.AsEnumerable().Reverse(), Ids(all));
        Assert.Equal([ids[2]], Ids(await TestServer.JsonAsync(await server.Client.GetAsync($"{Path}?purpose=batch", Token))));
        Assert.Empty(Ids(await TestServer.JsonAsync(await server.Client.GetAsync($"{Path}?purpose=vision", Token))));
        var page = await TestServer.JsonAsync(await server.Client.GetAsync($"{Path}?order=asc&limit=2&after={ids[0]}", Token));
        Assert.Equal([ids[1], ids[2]], Ids(page));
        Assert.True(page.GetProperty("has_more").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync($"{Path}?limit=10000", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.GetAsync($"{Path}?limit=10001", Token)).StatusCode);
    }

    [Theory]
    [InlineData("user_data", null, null)]
    [InlineData("batch", null, 2592000)]
    [InlineData("batch", "3600", 3600)]
    [InlineData("user_data", "2592000", 2592000)]
    [InlineData("user_data", """{"anchor":"created_at","seconds":7200}""", 7200)]
    public async Task A_file_is_kept_for_as_long_as_is_asked(string purpose, string? expires, int? seconds)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        (string, string)[] fields = expires is null ? [] : expires[0] == '{'
            ? [("expires_after", expires)] : [("expires_after[anchor]", "created_at"), ("expires_after[seconds]", expires)];
        var file = await SendAsync(server, purpose, fields);
        int? told = file.TryGetProperty("expires_at", out var at) ? at.GetInt32() - file.GetProperty("created_at").GetInt32() : null;
        Assert.Equal(seconds, told);
    }

    [Fact]
    public async Task A_restart_keeps_files_and_another_key_finds_nothing()
    {
        using var folder = new ScratchFolder();
        var options = new ServerOptions { DataFolder = folder.Path, ApiKeys = ["one", "two"] };
        string id;
        await using (var server = await TestServer.StartAsync(options, new ScriptedModel("m", "x")))
        {
            server.Client.DefaultRequestHeaders.Authorization = new("Bearer", "one");
            id = (await SendAsync(server, "user_data")).GetProperty("id").GetString()!;
        }

        await using var again = await TestServer.StartAsync(options, new ScriptedModel("m", "x"));
        again.Client.DefaultRequestHeaders.Authorization = new("Bearer", "two");
        foreach (string path in (string[])[$"{Path}/{id}", $"{Path}/{id}/content"])
            Assert.Equal(HttpStatusCode.NotFound, (await again.Client.GetAsync(path, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await again.Client.DeleteAsync($"{Path}/{id}", Token)).StatusCode);
        Assert.Empty(Ids(await TestServer.JsonAsync(await again.Client.GetAsync(Path, Token))));
        again.Client.DefaultRequestHeaders.Authorization = new("Bearer", "one");
        Assert.Equal("hello", await again.Client.GetStringAsync($"{Path}/{id}/content", Token));
    }

    [Theory]
    [InlineData("purpose=assistants", "purpose", "unsupported_value")]
    [InlineData("purpose=fine-tune", "purpose", "unsupported_value")]
    [InlineData("purpose=vision", "purpose", "unsupported_value")]
    [InlineData("purpose=evals", "purpose", "unsupported_value")]
    [InlineData("purpose=batch_output", "purpose", "invalid_value")]
    [InlineData("purpose=", "purpose", "invalid_value")]
    [InlineData("", "purpose", "missing_required_parameter")]
    [InlineData("purpose=batch&no=1", "no", "unknown_parameter")]
    [InlineData("purpose=batch&purpose=batch", "purpose", "duplicate_parameter")]
    [InlineData("purpose=batch&expires_after[anchor]=created_at", "expires_after[seconds]", "missing_required_parameter")]
    [InlineData("purpose=batch&expires_after[seconds]=3600", "expires_after[anchor]", "missing_required_parameter")]
    [InlineData("purpose=batch&expires_after[anchor]=now&expires_after[seconds]=3600", "expires_after[anchor]", "invalid_value")]
    [InlineData("purpose=batch&expires_after[anchor]=created_at&expires_after[seconds]=3599", "expires_after[seconds]", "integer_below_min_value")]
    [InlineData("purpose=batch&expires_after[anchor]=created_at&expires_after[seconds]=2592001", "expires_after[seconds]", "integer_above_max_value")]
    [InlineData("purpose=batch&expires_after[anchor]=created_at&expires_after[seconds]=1e4", "expires_after[seconds]", "invalid_type")]
    [InlineData("purpose=batch&expires_after=7", "expires_after", "invalid_type")]
    [InlineData("purpose=batch&expires_after={", "expires_after", "invalid_json")]
    [InlineData("purpose=batch&expires_after={\"anchor\":\"created_at\"}", "expires_after.seconds", "missing_required_parameter")]
    public async Task Fields_that_are_malformed_are_refused_and_nothing_is_kept(string fields, string param, string code)
    {
        using var folder = new ScratchFolder();
        await using var server = await TestServer.StartAsync(new ServerOptions { DataFolder = folder.Path }, new ScriptedModel("m", "x"));
        using var form = new MultipartFormDataContent { { new StringContent("hello"), "file", "a.txt" } };
        foreach (string field in fields.Split('&', StringSplitOptions.RemoveEmptyEntries))
            form.Add(new StringContent(field[(field.IndexOf('=') + 1)..]), $"\"{field[..field.IndexOf('=')]}\"");
        var response = await server.Client.PostAsync(Path, form, Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = await TestServer.ErrorAsync(response);
        Assert.Equal((param, code), (error.Param, error.Code));
        AssertNothing(folder);
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--b--\r\n", 400, "missing_required_parameter")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhello\r\n--b--\r\n", 400, "invalid_type")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhel", 400, "invalid_multipart")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nno header\r\n\r\nhello\r\n--b--\r\n", 400, "invalid_multipart")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: attachment; filename=\"a\"\r\n\r\nhello\r\n--b--\r\n", 400, "invalid_multipart")]
    [InlineData("multipart/form-data; boundary=b", "", 400, "invalid_multipart")]
    [InlineData("multipart/form-data", "x", 400, "invalid_multipart")]
    [InlineData("application/json", "{}", 415, "unsupported_content_type")]
    [InlineData("text/plain", "x", 415, "unsupported_content_type")]
    public async Task Forms_that_are_malformed_are_refused_and_nothing_is_kept(string type, string body, int status, string code)
    {
        using var folder = new ScratchFolder();
        await using var server = await TestServer.StartAsync(new ServerOptions { DataFolder = folder.Path }, new ScriptedModel("m", "x"));
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        var response = await server.Client.PostAsync(Path, content, Token);
        Assert.Equal((status, code), ((int)response.StatusCode, (await TestServer.ErrorAsync(response)).Code));
        AssertNothing(folder);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_is_too_large_is_refused_and_nothing_is_kept(bool chunked)
    {
        using var folder = new ScratchFolder();
        await using var server = await TestServer.StartAsync(
            new ServerOptions { DataFolder = folder.Path, MaxFileBytes = 200_000 }, new ScriptedModel("m", "x"));
        using var form = new MultipartFormDataContent
        {
            { new StringContent("user_data"), "purpose" },
            { new ByteArrayContent(new byte[200_001]), "file", "a.bin" },
        };
        var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = form };
        request.Headers.TransferEncodingChunked = chunked;
        var response = await server.Client.SendAsync(request, Token);
        Assert.Equal((413, "file_too_large"), ((int)response.StatusCode, (await TestServer.ErrorAsync(response)).Code));
        AssertNothing(folder);
        using var fits = new MultipartFormDataContent
        {
            { new StringContent("user_data"), "purpose" },
            { new ByteArrayContent(new byte[200_000]), "file", "a.bin" },
        };
        Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsync(Path, fits, Token)).StatusCode);
    }

    [Fact]
    public async Task A_caller_that_leaves_in_the_middle_leaves_nothing()
    {
        using var folder = new ScratchFolder();
        await using var server = await TestServer.StartAsync(new ServerOptions { DataFolder = folder.Path }, new ScriptedModel("m", "x"));
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var form = new MultipartFormDataContent { { new Endless(), "file", "a.bin" } };
        var sending = server.Client.PostAsync(Path, form, leaving.Token);
        while (!Directory.EnumerateFiles(System.IO.Path.Combine(folder.Path, "files")).Any())
            await Task.Delay(5, Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        for (int i = 0; i < 1000 && Directory.EnumerateFiles(System.IO.Path.Combine(folder.Path, "files")).Any(); i++)
            await Task.Delay(5, Token);
        AssertNothing(folder);
    }

    internal static async Task<JsonElement> SendAsync(TestServer server, string purpose, params (string Name, string Value)[] fields)
    {
        using var form = new MultipartFormDataContent { { new StringContent("hello"), "file", "a.txt" }, { new StringContent(purpose), "purpose" } };
        foreach (var (name, value) in fields)
            form.Add(new StringContent(value), $"\"{name}\"");
        return await TestServer.JsonAsync(await server.Client.PostAsync(Path, form, Token));
    }

    private static IEnumerable<string> Ids(JsonElement list) =>
        list.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("id").GetString()!);

    private static void AssertNothing(ScratchFolder folder) =>
        Assert.Empty(Directory.GetFiles(System.IO.Path.Combine(folder.Path, "files")));

    private sealed class Endless : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            while (true)
            {
                await stream.WriteAsync(new byte[10_000]);
                await stream.FlushAsync();
                await Task.Delay(5);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
