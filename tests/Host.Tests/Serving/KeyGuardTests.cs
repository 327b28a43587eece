using System.Net;
using System.Net.Http.Headers;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;
using Causerie.Tests;

namespace Causerie.Host.Tests.Serving;

/// <summary>A server with a key lets in those who hold it.</summary>
public sealed class KeyGuardTests
{
    private const string Key = "sk-causerie-0123456789";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/models")]
    [InlineData("/metrics")]
    [InlineData("/v1/nope")]
    [InlineData("/")]
    public async Task Without_the_key_nothing_is_shown(string path)
    {
        await using var server = await StartAsync();
        var response = await server.Client.GetAsync(path, Token);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
        var error = await TestServer.ErrorAsync(response);
        Assert.Equal(("invalid_request_error", null, "invalid_api_key"), (error.Type, error.Param, error.Code));
    }

    [Theory]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer ")]
    [InlineData("Bearer sk-causerie-012345678")]
    [InlineData("Bearer sk-causerie-01234567890")]
    [InlineData("Basic sk-causerie-0123456789")]
    [InlineData("sk-causerie-0123456789")]
    public async Task Another_key_is_refused(string authorization)
    {
        await using var server = await StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(server, "/v1/models", authorization)).StatusCode);
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("bearer")]
    public async Task The_key_opens(string scheme)
    {
        await using var server = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(server, "/v1/models", $"{scheme} {Key}")).StatusCode);
    }

    [Fact]
    public async Task Health_needs_no_key()
    {
        await using var server = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/health", Token)).StatusCode);
    }

    [Fact]
    public async Task A_person_signs_in_once_and_the_cookie_opens()
    {
        await using var server = await StartAsync();
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false })
        {
            BaseAddress = server.Address,
        };

        var asked = new HttpRequestMessage(HttpMethod.Get, "/c/1?x=é");
        asked.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        var sent = await browser.SendAsync(asked, Token);
        Assert.Equal(HttpStatusCode.Redirect, sent.StatusCode);
        Assert.Equal("/signin?to=%2Fc%2F1%3Fx%3D%25C3%25A9", sent.Headers.Location!.OriginalString);

        string form = await (await browser.GetAsync(sent.Headers.Location, Token)).Content.ReadAsStringAsync(Token);
        Assert.Contains("value=\"/c/1?x=%C3%A9\"", form, StringComparison.Ordinal);

        var wrong = await SignInAsync(browser, "wrong", "/c/1");
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.False(wrong.Headers.Contains("Set-Cookie"));

        var right = await SignInAsync(browser, Key, "/c/1");
        Assert.Equal((HttpStatusCode.Redirect, "/c/1"), (right.StatusCode, right.Headers.Location!.OriginalString));
        string cookie = right.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Key, cookie, StringComparison.Ordinal);

        // The handler's cookie jar sends it from now on.
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/v1/models", Token)).StatusCode);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/a\nSet-Cookie: x")]
    [InlineData("")]
    public async Task Signing_in_leads_nowhere_else(string to)
    {
        await using var server = await StartAsync();
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false })
        {
            BaseAddress = server.Address,
        };
        var response = await SignInAsync(browser, Key, to);
        Assert.Equal("/", response.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("9999999999.")]
    [InlineData("9999999999.00")]
    [InlineData("x.y.z")]
    public async Task A_made_up_cookie_is_refused(string cookie)
    {
        await using var server = await StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add("Cookie", $"{SignIn.Cookie}={cookie}");
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Client.SendAsync(request, Token)).StatusCode);
    }

    [Fact]
    public void A_ticket_ends_with_its_time_and_with_its_key()
    {
        var now = DateTimeOffset.UnixEpoch.AddDays(20_000);
        var key = new ApiKey(Key);
        string ticket = key.Ticket(now.AddHours(1));
        Assert.True(key.Accepts(ticket, now));
        Assert.False(key.Accepts(ticket, now.AddHours(1)));
        Assert.False(key.Accepts(ticket.Replace(ticket[..4], "9999", StringComparison.Ordinal), now));
        Assert.False(new ApiKey(Key + "x").Accepts(ticket, now));
    }

    [Fact]
    public void The_key_comes_from_its_file_or_the_environment()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, $"{Key}\n");
            Assert.Equal([Key], KeyRing.Find(file, _ => "other"));
            Assert.Equal(["other"], KeyRing.Find(null, name => name == KeyRing.Variable ? "other" : null));
            Assert.Empty(KeyRing.Find(null, _ => null));
            Assert.Empty(KeyRing.Find(null, _ => ""));
            File.WriteAllText(file, "two words");
            Assert.Throws<ServerException>(() => KeyRing.Find(file, _ => null));
            File.WriteAllText(file, "\n");
            Assert.Throws<ServerException>(() => KeyRing.Find(file, _ => null));
        }
        finally
        {
            File.Delete(file);
        }

        Assert.Throws<ServerException>(() => KeyRing.Find(file, _ => null));
    }

    private static Task<TestServer> StartAsync() =>
        TestServer.StartAsync(new ServerOptions { ApiKeys = [Key] }, new ScriptedModel("m", "x"));

    private static Task<HttpResponseMessage> GetAsync(TestServer server, string path, string authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        Assert.True(request.Headers.TryAddWithoutValidation("Authorization", authorization));
        return server.Client.SendAsync(request, Token);
    }

    private static Task<HttpResponseMessage> SignInAsync(HttpClient browser, string key, string to) =>
        browser.PostAsync("/signin", new FormUrlEncodedContent([new("key", key), new("to", to)]), Token);
}
