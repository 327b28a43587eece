using System.Net;
using Causerie.Chat;
using Causerie.Host.Serving;
using Causerie.Tests;

namespace Causerie.Host.Tests.Endpoints;

/// <summary>POST /v1/chat/completions over a real connection.</summary>
public sealed class ChatCompletionTests
{
    private const string Ask = """{"model":"m","messages":[{"role":"user","content":"Hello"}]}""";
    private const string AskStream = """{"model":"m","messages":[{"role":"user","content":"Hello"}],"stream":true}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/chat/completions")]
    public async Task A_whole_answer(string path)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "Hi", " there"));
        var response = await server.PostAsync(Ask, path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var json = await TestServer.JsonAsync(response);
        Assert.Equal("Hi there", json.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.StartsWith("req_", response.Headers.GetValues("x-request-id").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_arrives_piece_by_piece()
    {
        var gate = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(
            new ScriptedModel("m", "one", "two") { BeforePiece = (_, token) => gate.WaitAsync(token) });
        using var response = await server.OpenAsync(AskStream, Token);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Token));

        // Each line is read before the model may say the next piece: nothing waits in a buffer.
        Assert.Contains("\"role\":\"assistant\"", await EventAsync(lines), StringComparison.Ordinal);
        gate.Release();
        Assert.Contains("\"content\":\"one\"", await EventAsync(lines), StringComparison.Ordinal);
        gate.Release();
        Assert.Contains("\"content\":\"two\"", await EventAsync(lines), StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"stop\"", await EventAsync(lines), StringComparison.Ordinal);
        Assert.Equal("data: [DONE]", await EventAsync(lines));
        Assert.Null(await lines.ReadLineAsync(Token));
    }

    [Fact]
    public async Task A_silent_stream_is_kept_open_by_comments()
    {
        var gate = new TaskCompletionSource();
        var model = new ScriptedModel("m") { Script = (_, _) => SlowPrompt(gate.Task) };
        await using var server = await TestServer.StartAsync(
            new ServerOptions { KeepAlive = TimeSpan.FromMilliseconds(20) }, model);
        using var response = await server.OpenAsync(AskStream, Token);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Token));

        // Comments come before the model has said anything at all, then tell how far the prompt is.
        Assert.Equal(": keep-alive", await EventAsync(lines));
        gate.SetResult();
        string line;
        do
        {
            line = await EventAsync(lines);
        }
        while (!line.Contains("prompt", StringComparison.Ordinal));
        Assert.Equal(": prompt 512/2048", line);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_the_client_leaves_the_model_stops(bool streams)
    {
        var model = new ScriptedModel("m", "one", "two")
        {
            BeforePiece = (piece, token) => piece == 0 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, token),
        };
        await using var server = await TestServer.StartAsync(model);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var asking = server.OpenAsync(streams ? AskStream : Ask, leaving.Token);
        await model.Began.WaitAsync(TimeSpan.FromSeconds(10), Token);
        if (streams)
            (await asking).Dispose();
        else
            await leaving.CancelAsync();

        await model.Stopped.WaitAsync(TimeSpan.FromSeconds(10), Token);
        if (!streams)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failure_before_the_first_byte_has_its_status(bool streams)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x")
        {
            Fails = (0, new ChatException(ChatErrorKind.ContextLengthExceeded, "Too long.")),
        });
        var response = await server.PostAsync(streams ? AskStream : Ask);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(
            ("Too long.", "invalid_request_error", "messages", "context_length_exceeded"),
            await TestServer.ErrorAsync(response));
    }

    [Fact]
    public async Task A_failure_in_the_middle_of_a_stream_is_its_last_event()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "one", "two")
        {
            Fails = (2, new ChatException(ChatErrorKind.Unavailable, "Died.")),
        });
        var response = await server.PostAsync(AskStream);
        string text = await response.Content.ReadAsStringAsync(Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("\"content\":\"one\"", text, StringComparison.Ordinal);
        Assert.EndsWith(
            "data: {\"error\":{\"message\":\"Died.\",\"type\":\"server_error\",\"param\":null,"
            + "\"code\":\"model_unavailable\"}}\n\n",
            text,
            StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_in_the_middle_of_a_whole_answer_has_its_status()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "one", "two")
        {
            Fails = (2, new InvalidOperationException("secret")),
        });
        var response = await server.PostAsync(Ask);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        var error = await TestServer.ErrorAsync(response);
        Assert.Equal(("server_error", "internal_error"), (error.Type, error.Code));
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_model_that_stops_without_finishing_is_a_failure(bool streams)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m")
        {
            Script = (_, _) => new ChatEvent[] { new ChatStarted("m", null), new ChatText("x") }.ToAsyncEnumerable(),
        });
        var response = await server.PostAsync(streams ? AskStream : Ask);
        string text = await response.Content.ReadAsStringAsync(Token);
        Assert.Equal(streams ? HttpStatusCode.OK : HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("internal_error", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ChatErrorKind.Overloaded, "1")]
    [InlineData(ChatErrorKind.Unavailable, "2")]
    public async Task A_failure_that_passes_says_when_to_come_back(ChatErrorKind kind, string seconds)
    {
        await using var server = await TestServer.StartAsync(
            new ScriptedModel("m") { Fails = (0, new ChatException(kind, "Later.")) });
        var response = await server.PostAsync(Ask);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(seconds, response.Headers.GetValues("Retry-After").Single());
    }

    [Fact]
    public async Task An_unknown_model_is_404_with_the_models_there_are()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("a"), new ScriptedModel("b"));
        var response = await server.PostAsync(Ask);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(
            ("The model 'm' does not exist. Models here: 'a', 'b'.", "invalid_request_error", "model",
                "model_not_found"),
            await TestServer.ErrorAsync(response));
    }

    [Fact]
    public async Task Answers_are_given_side_by_side()
    {
        var gate = new TaskCompletionSource();
        var model = new ScriptedModel("m", "x") { BeforePiece = (_, _) => gate.Task };
        await using var server = await TestServer.StartAsync(model);
        var asked = Enumerable.Range(0, 20).Select(_ => server.PostAsync(Ask)).ToList();
        while (model.Requests.Count < 20)
            await Task.Delay(5, Token);
        gate.SetResult();
        Assert.All(await Task.WhenAll(asked), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    private static async IAsyncEnumerable<ChatEvent> SlowPrompt(Task gate)
    {
        await gate;
        yield return new ChatStarted("m", null);
        yield return new ChatProgress(512, 2048);
        await Task.Delay(Timeout.Infinite, Token);
    }

    private static async Task<string> EventAsync(StreamReader lines)
    {
        string line = await lines.ReadLineAsync(Token) ?? throw new EndOfStreamException();
        Assert.Equal("", await lines.ReadLineAsync(Token));
        return line;
    }
}
