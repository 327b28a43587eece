using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Causerie.Conformance.Schemas;
using Causerie.Host.Serving;
using Causerie.Tests;
using OpenAI;
using OpenAI.Chat;

namespace Causerie.Conformance.OpenAi;

/// <summary>Counting, older programs, limits and zod, by the specification and the official clients, with the model that ships.</summary>
public sealed class SurfaceTests : IAsyncLifetime
{
    private const string Sum = """{"model":"causerie-guide","temperature":0,"messages":[{"role":"user","content":"What is 17 * 23?"}],"functions":[{"name":"calculator","description":"Works out an arithmetic expression.","parameters":{"type":"object","properties":{"expression":{"type":"string","maxLength":20}},"required":["expression"],"additionalProperties":false}}],"function_call":{"name":"calculator"}""";

    private readonly GuideServer _guideServer = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestServer Server => _guideServer.Server;

    public ValueTask InitializeAsync() => _guideServer.StartAsync();

    public ValueTask DisposeAsync() => _guideServer.DisposeAsync();

    [Fact]
    public async Task A_count_is_of_the_specification_and_what_the_response_then_says()
    {
        const string Body = """{"model":"causerie-guide","input":"What is the capital of Japan?","instructions":"Be brief."}""";
        var counted = await TestServer.JsonAsync(await Server.PostAsync(Body, "/v1/responses/input_tokens"));
        Assert.Empty(SpecSchema.OpenAi().Check("TokenCountsResource", counted));
        var response = await TestServer.JsonAsync(await Server.PostAsync(Body[..^1] + ""","max_output_tokens":1}""", "/v1/responses"));
        Assert.Equal(response.GetProperty("usage").GetProperty("input_tokens").GetInt32(), counted.GetProperty("input_tokens").GetInt32());
    }

    [Fact]
    public async Task An_older_program_calls_its_function_and_tells_what_it_gave()
    {
        var spec = SpecSchema.OpenAi();
        var whole = await TestServer.JsonAsync(await Server.PostAsync(Sum + "}"));
        Assert.Empty(spec.Check("CreateChatCompletionResponse", whole));
        var choice = whole.GetProperty("choices")[0];
        Assert.Equal("function_call", choice.GetProperty("finish_reason").GetString());
        var call = choice.GetProperty("message").GetProperty("function_call");
        Assert.Equal("calculator", call.GetProperty("name").GetString());
        Assert.Equal("17 * 23", JsonDocument.Parse(call.GetProperty("arguments").GetString()!).RootElement.GetProperty("expression").GetString());

        var stream = await Server.PostAsync(Sum + ",\"stream\":true}");
        var chunks = await SseParser.Create(await stream.Content.ReadAsStreamAsync(Token)).EnumerateAsync(Token)
            .Where(item => item.Data != "[DONE]").Select(item => JsonDocument.Parse(item.Data).RootElement).ToListAsync(Token);
        Assert.All(chunks, chunk => Assert.Empty(spec.Check("CreateChatCompletionStreamResponse", chunk)));
        string arguments = string.Concat(chunks.Select(chunk => chunk.GetProperty("choices")[0].GetProperty("delta"))
            .Where(delta => delta.TryGetProperty("function_call", out _))
            .Select(delta => delta.GetProperty("function_call").GetProperty("arguments").GetString()));
        Assert.Equal(call.GetProperty("arguments").GetString(), arguments);

        string told = $$"""{"model":"causerie-guide","temperature":0,"messages":[{"role":"user","content":"What is 17 * 23?"},{{choice.GetProperty("message").GetRawText()}},{"role":"function","name":"calculator","content":"391"}]}""";
        var answer = await TestServer.JsonAsync(await Server.PostAsync(told));
        Assert.Contains("391", answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_client_for_JavaScript_parses_with_zod_whole_and_streamed()
    {
        var seen = await NpmClient.RunAsync(Server.Address, "zod");
        foreach (string way in (string[])["parsed", "streamed", "response", "responseStreamed"])
            Assert.InRange(seen.GetProperty(way).GetProperty("age").GetInt32(), 0, 120);
        Assert.Equal("17 * 23", seen.GetProperty("called").GetString());
        Assert.Equal("17 * 23", seen.GetProperty("legacy").GetString());
        Assert.Equal(seen.GetProperty("read").GetInt32(), seen.GetProperty("counted").GetInt32());
    }

    [Fact]
    public async Task The_client_for_NET_counts()
    {
        const string Body = """{"model":"causerie-guide","input":"What is the capital of Japan?"}""";
#pragma warning disable OPENAI001 // The client calls its own Responses API experimental.
        var client = new OpenAIClient(
            new ApiKeyCredential("unused"),
            new OpenAIClientOptions { Endpoint = new Uri(Server.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) }).GetResponsesClient();
        var counted = await client.GetInputTokenCountAsync(
            BinaryContent.Create(BinaryData.FromString(Body)), "application/json", new RequestOptions { CancellationToken = Token });
#pragma warning restore OPENAI001
        var ours = await TestServer.JsonAsync(await Server.PostAsync(Body, "/v1/responses/input_tokens"));
        Assert.Equal(
            ours.GetProperty("input_tokens").GetInt32(),
            JsonDocument.Parse(counted.GetRawResponse().Content).RootElement.GetProperty("input_tokens").GetInt32());
    }

    [Fact]
    public async Task The_client_for_NET_is_told_that_a_limit_is_reached()
    {
        await using var server = await TestServer.StartAsync(new ServerOptions { RequestsPerMinute = 1 }, new ScriptedModel("m", "x"));
        var client = new OpenAIClient(
            new ApiKeyCredential("unused"),
            new OpenAIClientOptions { Endpoint = new Uri(server.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) }).GetChatClient("m");
        var answered = await client.CompleteChatAsync([new UserChatMessage("Hi")], cancellationToken: Token);
        Assert.True(answered.GetRawResponse().Headers.TryGetValue("x-ratelimit-remaining-requests", out string? left));
        Assert.Equal("0", left);
        var refused = await Assert.ThrowsAsync<ClientResultException>(() => client.CompleteChatAsync([new UserChatMessage("Hi")], cancellationToken: Token));
        Assert.Equal(429, refused.Status);
        Assert.Contains("rate_limit_exceeded", refused.Message, StringComparison.Ordinal);
        Assert.True(refused.GetRawResponse()!.Headers.TryGetValue("retry-after", out string? wait));
        Assert.InRange(int.Parse(wait!), 1, 60);
        Assert.Empty(SpecSchema.OpenAi().Check("ErrorResponse", JsonDocument.Parse(refused.GetRawResponse()!.Content).RootElement));
    }
}
