using System.Net;
using Causerie.Host.Models;
using Causerie.Inference;
using Causerie.Host.Serving;
using Causerie.Tests;

namespace Causerie.Host.Tests.Endpoints;

/// <summary>What the server tells of itself.</summary>
public sealed class ModelsHealthMetricsTests
{
    private const string Ask = """{"model":"a/b","messages":[{"role":"user","content":"Hello"}]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("/v1")]
    public async Task The_models(string prefix)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("a/b"), new ScriptedModel("c d"));
        var list = await TestServer.JsonAsync(await server.Client.GetAsync($"{prefix}/models", Token));
        Assert.Equal("list", list.GetProperty("object").GetString());
        Assert.Equal(["a/b", "c d"], list.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()));
        Assert.Equal(
            """{"id":"a/b","object":"model","created":1767323045,"owned_by":"causerie"}""",
            list.GetProperty("data")[0].GetRawText());

        foreach (string id in (string[])["a/b", "a%2Fb", "c%20d"])
        {
            var one = await TestServer.JsonAsync(await server.Client.GetAsync($"{prefix}/models/{id}", Token));
            Assert.Equal(Uri.UnescapeDataString(id), one.GetProperty("id").GetString());
        }

        var none = await server.Client.GetAsync($"{prefix}/models/fake_id", Token);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        Assert.Equal(
            ("The model 'fake_id' does not exist.", "invalid_request_error", "model", "model_not_found"),
            await TestServer.ErrorAsync(none));
    }

    [Fact]
    public async Task Health_tells_how_far_the_loading_is()
    {
        using var folder = new ScratchFolder();
        string file = folder.Write("big.gguf");
        var gate = new TaskCompletionSource();
        await using var library = new ModelLibrary(async (id, _, progress, token) =>
        {
            progress.Report(new LoadProgress(LoadStage.ArrangeWeights, 0.5));
            await gate.Task.WaitAsync(token);
            return new ScriptedModel(id, "loaded");
        });
        var output = new StringWriter();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = Server.RunAsync(
            new ServerOptions { Port = 0, ModelFiles = [file] }, library, output, stop.Token);
        while (!output.ToString().EndsWith('\n') || library.Models[0].Progress < 0.5)
            await Task.Delay(5, Token);
        using var client = new HttpClient { BaseAddress = new Uri(output.ToString().Trim().Split(' ')[^1]) };

        var loading = await client.GetAsync("/health", Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, loading.StatusCode);
        Assert.Equal(
            """{"status":"loading","models":[{"id":"big","state":"loading","progress":0.5}]}""",
            await loading.Content.ReadAsStringAsync(Token));

        gate.SetResult();
        string health;
        do
        {
            health = await client.GetStringAsync("/health", Token).ContinueWith(
                t => t.IsCompletedSuccessfully ? t.GetAwaiter().GetResult() : "", TaskScheduler.Default);
        }
        while (health.Length == 0);
        Assert.Equal("""{"status":"ok","models":[{"id":"big","state":"loaded"}]}""", health);
        var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/health"), Token);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task The_measures_count_what_happened()
    {
        var gate = new TaskCompletionSource();
        var model = new ScriptedModel("a/b", "x", "y", "z") { BeforePiece = (i, _) => i < 2 ? Task.CompletedTask : gate.Task };
        await using var server = await TestServer.StartAsync(model);
        var asking = server.PostAsync(Ask);
        await model.Began;
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync("{")).StatusCode);

        string during = await MetricsAsync(server);
        Assert.Contains("causerie_answers_in_flight{model=\"a/b\"} 1\n", during, StringComparison.Ordinal);
        gate.SetResult();
        await asking;

        string after = await MetricsAsync(server);
        foreach (string line in (string[])
            [
                "# TYPE causerie_requests_total counter",
                """causerie_requests_total{method="POST",route="/v1/chat/completions",status="200"} 1""",
                """causerie_requests_total{method="POST",route="/v1/chat/completions",status="400"} 1""",
                """causerie_prompt_tokens_total{model="a/b"} 7""",
                """causerie_generated_tokens_total{model="a/b"} 3""",
                """causerie_answers_in_flight{model="a/b"} 0""",
                "# TYPE causerie_time_to_first_token_seconds histogram",
                """causerie_time_to_first_token_seconds_bucket{model="a/b",le="+Inf"} 1""",
                """causerie_time_to_first_token_seconds_count{model="a/b"} 1""",
                """causerie_time_per_token_seconds_count{model="a/b"} 2""",
                "causerie_models_loaded 0",
                "# TYPE process_resident_memory_bytes gauge",
            ])
        {
            Assert.Contains(line + "\n", after, StringComparison.Ordinal);
        }

        Assert.Matches("(?m)^process_resident_memory_bytes [1-9][0-9]{6,}$", after);
    }

    [Fact]
    public async Task The_measures_are_in_the_format_of_Prometheus()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("a/b", "x", "y"));
        await server.PostAsync(Ask);
        var response = await server.Client.GetAsync("/metrics", Token);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        string text = await response.Content.ReadAsStringAsync(Token);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(
            """^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z_]+="([^"\\]|\\.)*",?)+\})? [0-9.eE+-]+)$""", line));

        // Each bucket counts all that the one before it counts.
        var buckets = text.Split('\n')
            .Where(line => line.StartsWith("causerie_time_to_first_token_seconds_bucket", StringComparison.Ordinal))
            .Select(line => int.Parse(line.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture))
            .ToList();
        Assert.Equal(14, buckets.Count);
        Assert.Equal(buckets.Order(), buckets);
        Assert.Equal(1, buckets[^1]);
    }

    private static async Task<string> MetricsAsync(TestServer server) =>
        await server.Client.GetStringAsync("/metrics", Token);
}
