using System.Net;
using Causerie.Host.Models;
using Causerie.Host.Serving;
using Causerie.Host.Tests.Serving;
using Causerie.Inference;
using Causerie.Tests;

namespace Causerie.Host.Tests.Endpoints;

/// <summary>The endpoint for embeddings behind the same guards as the others, with models from the shelf.</summary>
public sealed class EmbeddingTests
{
    private const string Path = "/v1/embeddings";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_has_the_envelope_the_key_and_the_limits_of_the_others()
    {
        await using var server = await TestServer.StartAsync(
            new ServerOptions { ApiKeys = ["right"], MaxRequestBytes = 1000 }, new ScriptedEmbedder("m"));
        Assert.Equal("invalid_api_key", await Code(401, """{"model":"m","input":"a"}"""));
        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", "right");
        Assert.Equal("request_too_large", await Code(413, $$"""{"model":"m","input":"{{new string('a', 1000)}}"}"""));
        Assert.Equal("invalid_json", await Code(400, "{"));
        Assert.Equal("unknown_parameter", await Code(400, """{"model":"m","input":"a","x":1}"""));
        Assert.Equal("model_not_found", await Code(404, """{"model":"x","input":"a"}"""));
        var text = await server.PostAsync("{}", Path, "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, text.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.Client.GetAsync(Path, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.PostAsync("""{"model":"m","input":"a"}""", Path)).StatusCode);

        async Task<string?> Code(int status, string body)
        {
            var response = await server.PostAsync(body, Path);
            Assert.Equal(status, (int)response.StatusCode);
            return (await TestServer.ErrorAsync(response)).Code;
        }
    }

    [Fact]
    public async Task What_was_read_is_measured()
    {
        await using var server = await TestServer.StartAsync(new ScriptedEmbedder("m"));
        await server.PostAsync("""{"model":"m","input":["abc","de"]}""", Path);
        string measures = await server.Client.GetStringAsync("/metrics", Token);
        Assert.Contains("causerie_prompt_tokens_total{model=\"m\"} 5", measures, StringComparison.Ordinal);
        Assert.Contains("causerie_answers_in_flight{model=\"m\"} 0", measures, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_and_a_server_that_stops_end_the_work()
    {
        var began = new SemaphoreSlim(0);
        var stopped = new SemaphoreSlim(0);
        var model = new ScriptedEmbedder("m")
        {
            Before = async token =>
            {
                began.Release();
                await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                stopped.Release();
                token.ThrowIfCancellationRequested();
            },
        };
        await using var server = await TestServer.StartAsync(
            new ServerOptions { Grace = TimeSpan.FromMilliseconds(100) }, model);
        using (var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token))
        {
            var request = server.Client.PostAsync(Path, Json(), leaving.Token);
            await began.WaitAsync(Token);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
            Assert.True(await stopped.WaitAsync(TimeSpan.FromSeconds(20), Token));
        }

        var last = server.Client.PostAsync(Path, Json(), Token);
        await began.WaitAsync(Token);
        await server.StopAsync();
        Assert.True(await stopped.WaitAsync(TimeSpan.FromSeconds(20), Token));
        var refused = await last;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains("shutting down", (await TestServer.ErrorAsync(refused)).Message, StringComparison.Ordinal);

        static StringContent Json() => new("""{"model":"m","input":"a"}""", System.Text.Encoding.UTF8, "application/json");
    }

    [Fact]
    public async Task A_model_from_the_shelf_is_loaded_when_it_is_asked_for_vectors()
    {
        var models = new LocalModels(new LoadOptions(), new EngineOptions { Threads = 1 }, TimeProvider.System, _ => { });
        var library = new ModelLibrary(
            models.LoadAsync,
            new LibraryOptions { Needs = models.Needs, Holds = LocalModels.Holds, IsSpoilt = LocalModels.IsSpoilt });
        library.Add(ConformanceData.Require("weights/archs/bert-cls-f16.gguf"));
        await using var server = await TestServer.StartAsync(new ServerOptions(), library);
        var answer = await TestServer.JsonAsync(await server.PostAsync("""{"input":[[101,7592,2088,102]],"dimensions":2}""", Path));
        Assert.Equal("bert-cls-f16", answer.GetProperty("model").GetString());
        Assert.Equal(2, answer.GetProperty("data")[0].GetProperty("embedding").GetArrayLength());
        Assert.Equal(4, answer.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        var chat = await server.PostAsync("""{"messages":[{"role":"user","content":"Hi"}]}""");
        Assert.Equal(HttpStatusCode.BadRequest, chat.StatusCode);
        Assert.Contains("is an encoder", (await TestServer.ErrorAsync(chat)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_from_the_shelf_that_only_writes_says_so()
    {
        await using var server = await LocalServer.StartAsync();
        var refused = await server.Http.PostAsync("""{"input":"Hello"}""", Path);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var error = await TestServer.ErrorAsync(refused);
        Assert.Equal(("model", "unsupported_parameter"), (error.Param, error.Code));
        Assert.Contains("gives no embeddings", error.Message, StringComparison.Ordinal);
    }
}
