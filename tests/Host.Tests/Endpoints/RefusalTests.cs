using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Causerie.Host.Serving;
using Causerie.Tests;

namespace Causerie.Host.Tests.Endpoints;

/// <summary>Whatever HTTP itself can get wrong is answered with OpenAI's envelope and the right status.</summary>
public sealed class RefusalTests
{
    private const string Ask = """{"model":"m","messages":[{"role":"user","content":"Hello"}]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data")]
    public async Task Another_content_type(string type)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        await AssertError(await server.PostAsync(Ask, contentType: type), 415, "unsupported_content_type");
    }

    [Fact]
    public async Task No_content_type()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Ask));
        await AssertError(
            await server.Client.PostAsync("/v1/chat/completions", content, Token), 415, "unsupported_content_type");
    }

    [Fact]
    public async Task A_compressed_body()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Ask), Token);
        var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        await AssertError(
            await server.Client.PostAsync("/v1/chat/completions", content, Token), 415, "unsupported_content_encoding");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Too_large_a_body(bool chunked)
    {
        var model = new ScriptedModel("m", "x");
        await using var server = await TestServer.StartAsync(new ServerOptions { MaxRequestBytes = 1000 }, model);
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(
                Ask.Replace("Hello", new string('x', 2000), StringComparison.Ordinal), Encoding.UTF8,
                "application/json"),
        };
        request.Headers.TransferEncodingChunked = chunked;
        await AssertError(await server.Client.SendAsync(request, Token), 413, "request_too_large");
        Assert.Empty(model.Requests);
        Assert.Equal(HttpStatusCode.OK, (await server.PostAsync(Ask)).StatusCode);
    }

    [Theory]
    [InlineData("GET", "/v1/completions", "POST")]
    [InlineData("DELETE", "/v1/chat/completions", "GET, POST")]
    [InlineData("PUT", "/chat/completions", "GET, POST")]
    [InlineData("POST", "/v1/models", "GET")]
    [InlineData("DELETE", "/v1/models/m", "GET")]
    [InlineData("POST", "/metrics", "GET")]
    public async Task Another_method(string method, string path, string allowed)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var response = await server.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Token);
        Assert.Equal(allowed.Split(", "), response.Content.Headers.Allow.Order());
        await AssertError(response, 405, "method_not_allowed");
    }

    [Theory]
    [InlineData("POST", "/v1/nope")]
    [InlineData("GET", "/v1")]
    [InlineData("POST", "/v1/images/generations")]
    [InlineData("GET", "/v1/chat/completions/chatcmpl-1/more")]
    [InlineData("GET", "/%00")]
    [InlineData("GET", "/v1/%F0%9F%98%80")]
    public async Task An_unknown_path(string method, string path)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        var response = await server.Client.SendAsync(request, Token);
        if (path == "/%00")
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        else
            await AssertError(response, 404, "unknown_url");
    }

    [Theory]
    [InlineData("{", "invalid_json", null)]
    [InlineData("[]", "invalid_json", null)]
    [InlineData("{}", "missing_required_parameter", "messages")]
    [InlineData("""{"messages":[],"model":"m"}""", "empty_array", "messages")]
    [InlineData("""{"model":"m","model":"m"}""", "duplicate_parameter", "model")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"foo":1}""", "unknown_parameter", "foo")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"audio":{}}""", "unsupported_parameter", "audio")]
    public async Task A_bad_body_reaches_no_model(string body, string code, string? param)
    {
        var model = new ScriptedModel("m", "x");
        await using var server = await TestServer.StartAsync(model);
        var response = await server.PostAsync(body);
        await AssertError(response, 400, code, param);
        Assert.Empty(model.Requests);
    }

    [Fact]
    public async Task A_client_that_lies_about_its_length_harms_nobody()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(server.Address.Host, server.Address.Port, Token);
            await socket.GetStream().WriteAsync(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"u8
                    .ToArray().Concat("Content-Length: 500\r\n\r\n{\"model\""u8.ToArray()).ToArray(), Token);
        }

        Assert.Equal(HttpStatusCode.OK, (await server.PostAsync(Ask)).StatusCode);
    }

    private static async Task AssertError(HttpResponseMessage response, int status, string code, string? param = null)
    {
        Assert.Equal(status, (int)response.StatusCode);
        var error = await TestServer.ErrorAsync(response);
        Assert.Equal(("invalid_request_error", param, code), (error.Type, error.Param, error.Code));
        Assert.NotEmpty(error.Message);
        Assert.NotEmpty(response.Headers.GetValues("x-request-id"));
    }
}
