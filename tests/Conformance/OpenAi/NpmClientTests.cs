using Causerie.Chat;
using Causerie.Host.Serving;
using Causerie.Tests;

namespace Causerie.Conformance.OpenAi;

/// <summary>The official OpenAI client for JavaScript against a running server.</summary>
public sealed class NpmClientTests
{
    [Fact]
    public async Task It_chats()
    {
        var model = new ScriptedModel("m", "Hello", " Zoë 😀");
        await using var server = await TestServer.StartAsync(model);
        var seen = await NpmClient.RunAsync(server.Address, "chat");
        var answer = seen.GetProperty("answer");
        Assert.Equal("Hello Zoë 😀", answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(9, answer.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.StartsWith("req_", seen.GetProperty("requestID").GetString(), StringComparison.Ordinal);
        Assert.Equal((0.0, 7UL), (Assert.Single(model.Requests).Sampling.Temperature, model.Requests.Single().Sampling.Seed));
    }

    [Fact]
    public async Task It_streams()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "Hello", " Zoë 😀"));
        var chunks = (await NpmClient.RunAsync(server.Address, "stream")).GetProperty("chunks").EnumerateArray().ToList();
        Assert.Equal(5, chunks.Count);
        Assert.Equal("Hello Zoë 😀", string.Concat(chunks[..^1].Select(chunk =>
            chunk.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out var text)
                ? text.GetString()
                : "")));
        Assert.Equal(9, chunks[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task It_puts_a_stream_together()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "Hello", " Zoë 😀"));
        var seen = await NpmClient.RunAsync(server.Address, "accumulate");
        Assert.Equal(2, seen.GetProperty("deltas").GetInt32());
        var choice = seen.GetProperty("final").GetProperty("choices")[0];
        Assert.Equal("Hello Zoë 😀", choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task It_leaves_in_the_middle_of_a_stream()
    {
        var model = new ScriptedModel("m", "one", "two", "three")
        {
            BeforePiece = (i, token) => i < 2 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, token),
        };
        await using var server = await TestServer.StartAsync(model);
        Assert.Equal(2, (await NpmClient.RunAsync(server.Address, "abort")).GetProperty("seen").GetInt32());
        await model.Stopped.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task It_lists_the_models()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("org/m"), new ScriptedModel("n"));
        var seen = await NpmClient.RunAsync(server.Address, "models");
        Assert.Equal(["org/m", "n"], seen.GetProperty("ids").EnumerateArray().Select(id => id.GetString()));
        Assert.Equal("org/m", seen.GetProperty("one").GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("invalid", "BadRequestError", 400, "decimal_above_max_value", "temperature")]
    [InlineData("unsupported", "BadRequestError", 400, "unsupported_parameter", "modalities")]
    [InlineData("missing", "NotFoundError", 404, "model_not_found", "model")]
    [InlineData("missingModel", "NotFoundError", 404, "model_not_found", "model")]
    [InlineData("unauthorized", "AuthenticationError", 401, "invalid_api_key", null)]
    public async Task Its_typed_errors_are_ours(string scenario, string error, int status, string code, string? param)
    {
        await using var server = await TestServer.StartAsync(new ServerOptions { ApiKeys = ["right"] }, new ScriptedModel("m", "x"));
        var seen = await NpmClient.RunAsync(server.Address, scenario, scenario == "unauthorized" ? "wrong" : "right");
        Assert.Equal(error, seen.GetProperty("error").GetString());
        Assert.Equal(status, seen.GetProperty("status").GetInt32());
        Assert.Equal((code, param), (seen.GetProperty("code").GetString(), seen.GetProperty("param").GetString()));
        Assert.StartsWith("req_", seen.GetProperty("requestID").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_raises_an_error_in_the_middle_of_a_stream()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "one", "two")
        {
            Fails = (2, new ChatException(ChatErrorKind.Unavailable, "Died.")),
        });
        var seen = await NpmClient.RunAsync(server.Address, "middle");
        Assert.Equal(("APIError", "model_unavailable"), (seen.GetProperty("error").GetString(), seen.GetProperty("code").GetString()));
        Assert.Contains("Died.", seen.GetProperty("message").GetString(), StringComparison.Ordinal);
    }
}
