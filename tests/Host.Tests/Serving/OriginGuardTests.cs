using System.Net;
using System.Text;
using Causerie.Host.Serving;
using Causerie.Tests;

namespace Causerie.Host.Tests.Serving;

/// <summary>Other people's web pages cannot use this server through a visitor's browser.</summary>
public sealed class OriginGuardTests
{
    private const string Ask = """{"model":"m","messages":[{"role":"user","content":"Hello"}]}""";

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:80")]
    [InlineData("127.0.0.1:9999")]
    [InlineData("127.0.0.2")]
    [InlineData("[::1]")]
    [InlineData("chat.example")]
    public async Task Our_own_names_are_answered(string host)
    {
        await using var server = await StartAsync(new ServerOptions { AllowedHosts = ["chat.example"] });
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, ("Host", host))).StatusCode);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("notlocalhost")]
    [InlineData("192.168.1.10")]
    [InlineData("0.0.0.0")]
    public async Task A_name_that_was_made_to_point_here_is_refused(string host)
    {
        var model = new ScriptedModel("m", "x");
        await using var server = await TestServer.StartAsync(model);
        await AssertRefused(await SendAsync(server, ("Host", host)), "host_not_allowed");
        Assert.Empty(model.Requests);
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData("http://localhost")]
    [InlineData("file://")]
    [InlineData("nonsense")]
    public async Task A_page_of_another_origin_is_refused(string origin)
    {
        var model = new ScriptedModel("m", "x");
        await using var server = await TestServer.StartAsync(model);
        var response = await SendAsync(server, ("Origin", origin));
        await AssertRefused(response, "origin_not_allowed");
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Empty(model.Requests);
    }

    [Fact]
    public async Task Our_own_page_is_answered()
    {
        await using var server = await StartAsync(new ServerOptions());
        var response = await SendAsync(server, ("Origin", $"http://{server.Address.Authority}"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("cross-site", "no-cors", false)]
    [InlineData("cross-site", "navigate", true)]
    [InlineData("same-origin", "cors", true)]
    [InlineData("none", "navigate", true)]
    public async Task A_page_that_embeds_ours_is_refused_and_a_link_to_ours_is_not(string site, string mode, bool passes)
    {
        await using var server = await StartAsync(new ServerOptions());
        var response = await SendAsync(server, ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode));
        Assert.Equal(passes ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task An_origin_that_was_allowed_gets_its_answers_and_its_preflight()
    {
        await using var server = await StartAsync(new ServerOptions { AllowedOrigins = ["https://app.example"] });
        var answer = await SendAsync(server, ("Origin", "https://app.example"), ("Sec-Fetch-Site", "cross-site"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("https://app.example", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());

        var preflight = await server.Client.SendAsync(
            With(
                new HttpRequestMessage(HttpMethod.Options, "/v1/chat/completions"),
                ("Origin", "https://app.example"),
                ("Access-Control-Request-Method", "POST"),
                ("Access-Control-Request-Headers", "authorization, content-type")),
            TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal("GET, POST, DELETE", preflight.Headers.GetValues("Access-Control-Allow-Methods").Single());
        Assert.Equal(
            "authorization, content-type", preflight.Headers.GetValues("Access-Control-Allow-Headers").Single());

        await AssertRefused(await SendAsync(server, ("Origin", "https://other.example")), "origin_not_allowed");
    }

    [Fact]
    public async Task With_a_key_any_name_may_point_here_since_it_brings_no_key()
    {
        await using var server = await StartAsync(new ServerOptions { ApiKeys = ["k"] });
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(server, ("Host", "chat.example"))).StatusCode);
        var response = await SendAsync(server, ("Host", "chat.example"), ("Authorization", "Bearer k"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static Task<TestServer> StartAsync(ServerOptions options) =>
        TestServer.StartAsync(options, new ScriptedModel("m", "x"));

    private static Task<HttpResponseMessage> SendAsync(
        TestServer server, params (string Name, string Value)[] headers) =>
        server.Client.SendAsync(
            With(
                new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
                {
                    Content = new StringContent(Ask, Encoding.UTF8, "application/json"),
                },
                headers),
            TestContext.Current.CancellationToken);

    private static HttpRequestMessage With(HttpRequestMessage request, params (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return request;
    }

    private static async Task AssertRefused(HttpResponseMessage response, string code)
    {
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(code, (await TestServer.ErrorAsync(response)).Code);
    }
}
