using System.Net.ServerSentEvents;
using System.Text.Json;
using Causerie.Tests;

namespace Causerie.Conformance.Schemas;

/// <summary>Every answer, event and error validates against OpenAI's specification, with nothing besides it.</summary>
public sealed class SchemaTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"id":"x","object":"model","created":1}""", "Model: 'owned_by' is missing")]
    [InlineData("""{"id":"x","object":"thing","created":1,"owned_by":"y"}""", """Model.object: "thing" is none of ["model"]""")]
    [InlineData("""{"id":1,"object":"model","created":1,"owned_by":"y"}""", "Model.id: is Number, not string")]
    [InlineData("""{"id":"x","object":"model","created":1.5,"owned_by":"y"}""", "Model.created: is Number, not integer")]
    [InlineData("""{"id":"x","object":"model","created":1,"owned_by":"y","z":1}""", "Model: 'z' is not in the specification")]
    public void The_checker_finds_what_is_wrong(string json, string error) =>
        Assert.Contains(error, SpecSchema.OpenAi().Check("Model", JsonDocument.Parse(json).RootElement));

    [Fact]
    public async Task A_whole_answer_and_the_lists_of_models()
    {
        var spec = SpecSchema.OpenAi();
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "Hello", " there"));
        var answer = await TestServer.JsonAsync(await server.PostAsync(
            """{"model":"m","messages":[{"role":"user","content":"Hello"}],"max_tokens":1}"""));
        Assert.Empty(spec.Check("CreateChatCompletionResponse", answer));
        Assert.Empty(spec.Check(
            "ListModelsResponse", await TestServer.JsonAsync(await server.Client.GetAsync("/v1/models", Token))));
        Assert.Empty(spec.Check("Model", await TestServer.JsonAsync(await server.Client.GetAsync("/v1/models/m", Token))));
    }

    [Theory]
    [InlineData("")]
    [InlineData(""" ,"stream_options":{"include_usage":true} """)]
    [InlineData(""" ,"stream_options":{"include_usage":false} """)]
    public async Task Every_chunk_of_a_stream(string more)
    {
        var spec = SpecSchema.OpenAi();
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "Hello", " there"));
        var response = await server.PostAsync(
            """{"model":"m","messages":[{"role":"user","content":"Hello"}],"stream":true""" + more + "}");
        var events = await SseParser.Create(await response.Content.ReadAsStreamAsync(Token)).EnumerateAsync(Token)
            .Select(item => item.Data).ToListAsync(Token);
        Assert.Equal("[DONE]", events[^1]);
        Assert.Equal(more.Contains("true", StringComparison.Ordinal) ? 6 : 5, events.Count);
        Assert.All(events[..^1], data => Assert.Empty(
            spec.Check("CreateChatCompletionStreamResponse", JsonDocument.Parse(data).RootElement)));
    }

    [Fact]
    public async Task Every_error()
    {
        var spec = SpecSchema.OpenAi();
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "Hello"));
        foreach (string body in (string[])["{", "{}", """{"model":"x","messages":[{"role":"user","content":"x"}]}"""])
            Assert.Empty(spec.Check("ErrorResponse", await TestServer.JsonAsync(await server.PostAsync(body))));
        Assert.Empty(spec.Check(
            "ErrorResponse", await TestServer.JsonAsync(await server.Client.GetAsync("/v1/nope", Token))));
    }
}
