using System.Net;
using Causerie.Chat;
using Causerie.Host.Models;
using Causerie.Host.Serving;
using Causerie.Tests;

namespace Causerie.Host.Tests.Serving;

/// <summary>Starting and stopping.</summary>
public sealed class ServerTests
{
    private const string AskStream = """{"model":"m","messages":[{"role":"user","content":"Hello"}],"stream":true}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void It_listens_on_loopback_unless_told_otherwise()
    {
        var options = new ServerOptions();
        Assert.Equal(("127.0.0.1", 5311), (options.Host, options.Port));
        Assert.True(ListenAddress.From(options).IsLoopback);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("*")]
    [InlineData("::")]
    [InlineData("192.168.1.10")]
    [InlineData("8.8.8.8")]
    public void Elsewhere_it_refuses_without_a_key_and_says_what_to_do(string host)
    {
        var refusal = Assert.Throws<ServerException>(() => ListenAddress.From(new ServerOptions { Host = host }));
        Assert.Contains("CAUSERIE_API_KEY", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--api-key-file", refusal.Message, StringComparison.Ordinal);
        Assert.False(ListenAddress.From(new ServerOptions { Host = host, ApiKeys = ["k"] }).IsLoopback);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("127.1.2.3")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("::ffff:127.0.0.1")]
    public void On_loopback_no_key_is_needed(string host) =>
        Assert.True(ListenAddress.From(new ServerOptions { Host = host }).IsLoopback);

    [Theory]
    [InlineData("example.com", 1)]
    [InlineData("", 1)]
    [InlineData("127.0.0.1", -1)]
    [InlineData("127.0.0.1", 65536)]
    public void Nonsense_is_refused(string host, int port) =>
        Assert.Throws<ServerException>(() => ListenAddress.From(new ServerOptions { Host = host, Port = port }));

    [Fact]
    public async Task A_taken_port_says_what_to_do()
    {
        await using var first = await TestServer.StartAsync();
        await using var library = new ModelLibrary((_, _, _, _) => throw new NotSupportedException());
        var options = new ServerOptions { Port = first.Address.Port };
        var refusal = await Assert.ThrowsAsync<ServerException>(
            () => Server.RunAsync(options, library, TextWriter.Null, Token));
        Assert.Contains($"Port {options.Port}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--port", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_prints_where_it_listens_and_stops_when_told()
    {
        await using var library = new ModelLibrary((_, _, _, _) => throw new NotSupportedException());
        var output = new StringWriter();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = Server.RunAsync(new ServerOptions { Port = 0 }, library, output, stop.Token);
        while (!output.ToString().EndsWith('\n'))
            await Task.Delay(10, Token);
        string address = output.ToString().Trim().Split(' ')[^1];
        using var client = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"{address}/health", Token)).StatusCode);
        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(10), Token);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync($"{address}/health", Token));
    }

    [Fact]
    public async Task A_running_answer_may_end_when_the_server_is_told_to_stop()
    {
        var gate = new TaskCompletionSource();
        var model = new ScriptedModel("m", "one", "two") { BeforePiece = (i, _) => i == 0 ? Task.CompletedTask : gate.Task };
        await using var server = await TestServer.StartAsync(model);
        using var response = await server.OpenAsync(AskStream, Token);
        await model.Began;
        var stopped = server.StopAsync();
        Assert.False(stopped.IsCompleted);
        gate.SetResult();
        string text = await response.Content.ReadAsStringAsync(Token);
        Assert.Contains("two", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        await stopped.WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task An_answer_that_outlasts_the_grace_is_told_so()
    {
        var model = new ScriptedModel("m", "one", "two")
        {
            BeforePiece = (i, token) => i == 0 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, token),
        };
        await using var server = await TestServer.StartAsync(
            new ServerOptions { Grace = TimeSpan.FromMilliseconds(100) }, model);
        using var response = await server.OpenAsync(AskStream, Token);
        await model.Began;
        var stopped = server.StopAsync();
        string text = await response.Content.ReadAsStringAsync(Token);
        Assert.Contains("shutting down", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
        await model.Stopped.WaitAsync(TimeSpan.FromSeconds(10), Token);
        await stopped.WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task A_model_file_that_is_not_there_stops_the_start()
    {
        await using var library = new ModelLibrary((_, _, _, _) => throw new NotSupportedException());
        var options = new ServerOptions { Port = 0, ModelFiles = ["nowhere/model.gguf"] };
        var refusal = await Assert.ThrowsAsync<ServerException>(
            () => Server.RunAsync(options, library, TextWriter.Null, Token));
        Assert.Contains("nowhere", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_asks_the_same_measured_model()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var model = (IChatModel)server.Services.GetService(typeof(IChatModel))!;
        Assert.Equal("m", Assert.Single(model.Models).Id);
    }
}
