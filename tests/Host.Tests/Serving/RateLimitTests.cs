using System.Net;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Limits;
using Causerie.Host.Tests.Models;
using Causerie.Tests;

namespace Causerie.Host.Tests.Serving;

/// <summary>Limits a minute: what flows back by when, who shares them, and what callers are told.</summary>
public sealed class RateLimitTests
{
    private const string Ask = """{"model":"m","messages":[{"role":"user","content":"Hello"}]}""";

    private readonly HandClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Requests_flow_back_evenly()
    {
        var limits = Limits(requests: 6);
        for (int left = 5; left >= 0; left--)
        {
            var state = limits.Enter("a");
            Assert.Equal((null, 6L, (long)left), (state.Exhausted, state.Requests!.Limit, state.Requests.Remaining));
            Assert.Equal(TimeSpan.FromSeconds(10 * (6 - left)), state.Requests.UntilFull);
            Assert.Null(state.Tokens);
        }

        var refused = limits.Enter("a");
        Assert.Equal(("requests", TimeSpan.FromSeconds(10)), (refused.Exhausted, refused.Wait));
        Assert.Null(limits.Enter("b").Exhausted); // another account has its own
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(TimeSpan.FromSeconds(1), limits.Enter("a").Wait);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(limits.Enter("a").Exhausted);
        Assert.Equal("requests", limits.Enter("a").Exhausted);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(5, limits.Enter("a").Requests!.Remaining); // no more than the limit was saved up
    }

    [Fact]
    public void Tokens_are_taken_when_they_are_known_and_may_be_overdrawn()
    {
        var limits = Limits(tokens: 60);
        limits.Charge("a", 1000); // never entered: not limited
        Assert.Equal(60, limits.Enter("a").Tokens!.Remaining);
        limits.Charge("a", 59);
        var state = limits.Enter("a");
        Assert.Equal((null, 1L, TimeSpan.FromSeconds(59)), (state.Exhausted, state.Tokens!.Remaining, state.Tokens.UntilFull));
        limits.Charge("a", 121);
        state = limits.Enter("a");
        Assert.Equal(("tokens", 0L, TimeSpan.FromSeconds(121)), (state.Exhausted, state.Tokens!.Remaining, state.Wait));
        _clock.Advance(TimeSpan.FromSeconds(120));
        Assert.Equal("tokens", limits.Enter("a").Exhausted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(limits.Enter("a").Exhausted);
    }

    [Fact]
    public void A_request_that_is_refused_for_tokens_costs_no_request()
    {
        var limits = Limits(requests: 2, tokens: 1);
        Assert.Equal(1, limits.Enter("a").Requests!.Remaining);
        limits.Charge("a", 2);
        Assert.Equal(("tokens", 1L), (limits.Enter("a").Exhausted, limits.Enter("a").Requests!.Remaining));
    }

    [Fact]
    public void Accounts_that_owe_nothing_are_forgotten_and_others_are_not()
    {
        var limits = Limits(requests: 1);
        limits.Enter("early");
        _clock.Advance(TimeSpan.FromMinutes(1));
        for (int i = 0; i < 5000; i++)
            limits.Enter($"{i}");
        Assert.Equal("requests", limits.Enter("0").Exhausted);
        Assert.Null(limits.Enter("early").Exhausted);
    }

    [Theory]
    [InlineData(0, "0ms")]
    [InlineData(0.2, "1ms")]
    [InlineData(20, "20ms")]
    [InlineData(999, "999ms")]
    [InlineData(1000, "1s")]
    [InlineData(1500, "1.5s")]
    [InlineData(59_999, "59.999s")]
    [InlineData(60_000, "1m0s")]
    [InlineData(361_250, "6m1.25s")]
    public void Times_are_written_as_the_API_does(double milliseconds, string text) =>
        Assert.Equal(text, RateLimitGuard.Text(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public async Task The_caller_is_told_and_then_refused()
    {
        await using var server = await TestServer.StartAsync(
            new ServerOptions { ApiKeys = ["k", "l"], RequestsPerMinute = 2, TokensPerMinute = 60 }, new ScriptedModel("m", "Hello", " there"));
        var first = await SendAsync(server, "k");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(("2", "1", "60", "60"), (Header(first, "limit-requests"), Header(first, "remaining-requests"), Header(first, "limit-tokens"), Header(first, "remaining-tokens")));
        Assert.Equal(("30s", "0ms"), (Header(first, "reset-requests"), Header(first, "reset-tokens")));
        var second = await SendAsync(server, "k", ",\"stream\":true");
        Assert.Equal("0", Header(second, "remaining-requests"));
        Assert.InRange(int.Parse(Header(second, "remaining-tokens")!), 51, 59); // 9 were used, and some may have flowed back

        var refused = await SendAsync(server, "k");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        var error = await TestServer.ErrorAsync(refused);
        Assert.Equal(("requests", null, "rate_limit_exceeded"), (error.Type, error.Param, error.Code));
        Assert.Contains("2 requests a minute", error.Message, StringComparison.Ordinal);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
        Assert.Equal("0", Header(refused, "remaining-requests"));

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, "l")).StatusCode);
        // Only what a model is asked is limited.
        var models = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        models.Headers.Authorization = new("Bearer", "k");
        var listed = await server.Client.SendAsync(models, Token);
        Assert.Equal((HttpStatusCode.OK, null), (listed.StatusCode, Header(listed, "limit-requests")));
    }

    [Fact]
    public async Task Without_keys_an_address_is_limited_and_every_answer_counts()
    {
        var model = new ScriptedModel("m", "Hello", " there") { PromptTokens = 100 };
        await using var server = await TestServer.StartAsync(new ServerOptions { TokensPerMinute = 10 }, model);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, null)).StatusCode);
        var refused = await SendAsync(server, null);
        Assert.Equal((HttpStatusCode.TooManyRequests, "tokens"), (refused.StatusCode, (await TestServer.ErrorAsync(refused)).Type));
        Assert.Null(Header(refused, "limit-requests"));
        Assert.Single(model.Requests);
    }

    [Fact]
    public async Task What_nobody_waits_for_counts_too()
    {
        var model = new ScriptedModel("m", "x") { PromptTokens = 100 };
        await using var server = await TestServer.StartAsync(new ServerOptions { TokensPerMinute = 10 }, model);
        var begun = await TestServer.JsonAsync(await server.PostAsync("""{"model":"m","input":"Hi","background":true}""", "/v1/responses"));
        string id = begun.GetProperty("id").GetString()!;
        for (int i = 0; i < 2000; i++)
        {
            var now = await TestServer.JsonAsync(await server.Client.GetAsync($"/v1/responses/{id}", Token));
            if (now.GetProperty("status").GetString() == "completed")
                break;
            await Task.Delay(5, Token);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await SendAsync(server, null)).StatusCode);
    }

    [Fact]
    public async Task Without_limits_nothing_is_said()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var answer = await SendAsync(server, null);
        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("x-ratelimit", StringComparison.OrdinalIgnoreCase));
    }

    private RateLimits Limits(int? requests = null, int? tokens = null) =>
        new(new ServerOptions { RequestsPerMinute = requests, TokensPerMinute = tokens }, _clock);

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues($"x-ratelimit-{name}", out var values) ? values.Single() : null;

    private static Task<HttpResponseMessage> SendAsync(TestServer server, string? key, string more = "")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(Ask[..^1] + more + "}", System.Text.Encoding.UTF8, "application/json"),
        };
        if (key is not null)
            request.Headers.Authorization = new("Bearer", key);
        return server.Client.SendAsync(request, Token);
    }
}
