using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Causerie.Chat;
using Causerie.Host.Serving;
using Causerie.Inference;
using Causerie.Tests;

namespace Causerie.Host.Tests.Serving;

/// <summary>What goes wrong while a server runs: full queues, lost clients, spoilt files, and what callers are told.</summary>
public sealed class LifecycleTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_queue_is_503_with_a_time_to_come_back()
    {
        await using var server = await LocalServer.StartAsync(new EngineOptions { MaxSequences = 1, QueueLength = 0 });
        using var leave = new CancellationTokenSource();
        using var first = await server.Http.OpenAsync(LocalServer.Body(maxTokens: 2000, stream: true), leave.Token);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        var refused = await server.Http.PostAsync(LocalServer.Body());
        if (refused.StatusCode == HttpStatusCode.OK)
            return; // The first answer was over: the machine is too fast for this test.
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        var error = await TestServer.ErrorAsync(refused);
        Assert.Equal(("server_error", "overloaded"), (error.Type, error.Code));
        Assert.Contains("1 requests wait or run already", error.Message, StringComparison.Ordinal);
        Assert.InRange(int.Parse(refused.Headers.GetValues("Retry-After").Single()), 1, 600);
        first.Dispose();
        await server.UntilAsync(engine => engine.Pending == 0);
        Assert.Equal(HttpStatusCode.OK, (await server.Http.PostAsync(LocalServer.Body())).StatusCode);
    }

    [Fact]
    public async Task A_prompt_that_cannot_fit_is_refused_at_once_with_the_numbers()
    {
        await using var server = await LocalServer.StartAsync(load: new LoadOptions { ContextLength = 64 });
        var refused = await server.Http.PostAsync(LocalServer.Body(text: new string('x', 300)));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var error = await TestServer.ErrorAsync(refused);
        Assert.Equal(("messages", "context_length_exceeded"), (error.Param, error.Code));
        Assert.Matches("The prompt has 3[0-9][0-9] tokens .* the context holds 64 tokens", error.Message);
        Assert.Equal(0, server.Engine.Pending);
    }

    [Fact]
    public async Task A_client_that_vanishes_frees_its_place()
    {
        await using var server = await LocalServer.StartAsync(new EngineOptions { MaxSequences = 1, QueueLength = 8 });
        for (int i = 0; i < 4; i++)
        {
            using var leave = new CancellationTokenSource();
            using var response = await server.Http.OpenAsync(LocalServer.Body(maxTokens: 2000, stream: true), leave.Token);
            await using var stream = await response.Content.ReadAsStreamAsync(leave.Token);
            await stream.ReadExactlyAsync(new byte[64], leave.Token);
            await leave.CancelAsync();
            response.Dispose();
            await server.UntilAsync(engine => engine.Pending == 0);
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_nobody_up()
    {
        await using var server = await LocalServer.StartAsync(new EngineOptions { MaxSequences = 2 });
        using var slow = await server.Http.OpenAsync(LocalServer.Body(maxTokens: 1900, stream: true), Token);
        Assert.Equal(HttpStatusCode.OK, slow.StatusCode);
        for (int i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.OK, (await server.Http.PostAsync(LocalServer.Body(maxTokens: 50))).StatusCode);

        // The engine wrote the answer to its end although nobody read it, and every token is there for who does.
        await server.UntilAsync(engine => engine.Pending == 0);
        string text = await slow.Content.ReadAsStringAsync(Token);
        Assert.Contains("\"finish_reason\":\"length\"", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    public async Task A_file_that_is_cut_while_it_is_mapped_is_an_error_and_other_models_answer(int length)
    {
        await using var server = await LocalServer.StartAsync(names: ["a", "b"]);
        byte[] whole = await File.ReadAllBytesAsync(server.File("a"), Token);
        foreach (string model in (string[])["a", "b"])
            Assert.Equal(HttpStatusCode.OK, (await server.Http.PostAsync(LocalServer.Body(model))).StatusCode);

        Overwrite(server.File("a"), whole.AsSpan(0, length));
        var failed = await server.Http.PostAsync(LocalServer.Body("a"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
        var error = await TestServer.ErrorAsync(failed);
        Assert.Equal("model_unavailable", error.Code);
        Assert.Equal(
            $"The model must be loaded anew. The file 'a.gguf' was cut from {whole.Length} to {length} bytes while it was in "
            + "use; restore it.", error.Message);
        Assert.Equal(HttpStatusCode.OK, (await server.Http.PostAsync(LocalServer.Body("b"))).StatusCode);

        // As long as it is cut, loading it says so; once it is whole it answers.
        var again = await server.Http.PostAsync(LocalServer.Body("a"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, again.StatusCode);
        Assert.Contains("could not be loaded", (await TestServer.ErrorAsync(again)).Message, StringComparison.Ordinal);
        Overwrite(server.File("a"), whole);
        Assert.Equal(HttpStatusCode.OK, (await server.Http.PostAsync(LocalServer.Body("a"))).StatusCode);
    }

    [Fact]
    public async Task A_file_that_is_cut_in_the_middle_of_an_answer_ends_it_with_an_error()
    {
        await using var server = await LocalServer.StartAsync();
        using var response = await server.Http.OpenAsync(LocalServer.Body(maxTokens: 2000, stream: true), Token);
        await using var stream = await response.Content.ReadAsStreamAsync(Token);
        await stream.ReadExactlyAsync(new byte[64], Token);
        Overwrite(server.File("m"), []);
        string rest = await new StreamReader(stream).ReadToEndAsync(Token);
        Assert.True(
            rest.Contains("was cut from", StringComparison.Ordinal) || rest.Contains("[DONE]", StringComparison.Ordinal), rest);
    }

    [Fact]
    public async Task A_file_that_is_deleted_goes_on_answering()
    {
        await using var server = await LocalServer.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await server.Http.PostAsync(LocalServer.Body())).StatusCode);
        File.Delete(server.File("m"));
        Assert.Equal(HttpStatusCode.OK, (await server.Http.PostAsync(LocalServer.Body())).StatusCode);
    }

    [Theory]
    [InlineData(1_000_000_000_000_000, "the process may use")]
    [InlineData(100, "fewer than the context of 2048")]
    public async Task A_cache_that_cannot_be_is_said_and_the_server_goes_on(long bytes, string said)
    {
        await using var server = await LocalServer.StartAsync(new EngineOptions { CacheBytes = bytes });
        for (int i = 0; i < 2; i++)
        {
            var refused = await server.Http.PostAsync(LocalServer.Body());
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Contains(said, (await TestServer.ErrorAsync(refused)).Message, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, (await server.Http.Client.GetAsync("/v1/models", Token)).StatusCode);
    }

    [Fact]
    public async Task A_fault_of_the_engine_is_500_with_the_id_that_the_log_has()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x")
        {
            Fails = (0, new ChatException(ChatErrorKind.Internal, "The engine failed: out of order")),
        });
        var failed = await server.PostAsync(LocalServer.Body());
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        var error = await TestServer.ErrorAsync(failed);
        Assert.Contains(failed.Headers.GetValues("x-request-id").Single(), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"temperature\":NaN,", null)]
    [InlineData("\"temperature\":\"NaN\",", "temperature")]
    [InlineData("\"temperature\":1e400,", "temperature")]
    [InlineData("\"temperature\":-1,", "temperature")]
    [InlineData("\"temperature\":1e300,", "temperature")]
    [InlineData("\"top_p\":-1,", "top_p")]
    [InlineData("\"top_p\":true,", "top_p")]
    [InlineData("\"seed\":1e30,", "seed")]
    [InlineData("\"seed\":99999999999999999999999,", "seed")]
    [InlineData("\"seed\":\"1\",", "seed")]
    [InlineData("\"n\":0,", "n")]
    [InlineData("\"n\":-9223372036854775808,", "n")]
    [InlineData("\"presence_penalty\":1e9,", "presence_penalty")]
    [InlineData("\"stop\":[\"\"],", "stop")]
    [InlineData("\"stop\":5,", "stop")]
    public async Task A_senseless_parameter_is_400_and_names_its_field(string more, string? param)
    {
        await using var server = await LocalServer.StartAsync();
        var refused = await server.Http.PostAsync(LocalServer.Body(more: more));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var error = await TestServer.ErrorAsync(refused);
        Assert.True(error.Param?.StartsWith(param ?? "", StringComparison.Ordinal) ?? param is null, $"{error}");
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("0")]
    [InlineData("9223372036854775808")]
    [InlineData("\"5\"")]
    [InlineData("1.5")]
    [InlineData("1e99")]
    public async Task A_senseless_bound_is_400(string tokens)
    {
        await using var server = await LocalServer.StartAsync();
        var refused = await server.Http.PostAsync(
            $$"""{"model":"m","messages":[{"role":"user","content":"x"}],"max_tokens":{{tokens}}}""");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("max_tokens", (await TestServer.ErrorAsync(refused)).Param);
    }

    [Theory]
    [InlineData("{\"-1\":1}")]
    [InlineData("{\"4000000000\":1}")]
    [InlineData("{\"999999\":1}")]
    [InlineData("{\"x\":1}")]
    [InlineData("{\"1\":\"2\"}")]
    [InlineData("{\"1\":101}")]
    [InlineData("[1]")]
    public async Task A_senseless_bias_is_400(string bias)
    {
        await using var server = await LocalServer.StartAsync();
        var refused = await server.Http.PostAsync(
            $$"""{"model":"m","messages":[{"role":"user","content":"x"}],"max_tokens":2,"logit_bias":{{bias}}}""");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.StartsWith("logit_bias", (await TestServer.ErrorAsync(refused)).Param, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_key_has_a_scope_of_its_own_that_tells_nothing_of_it()
    {
        var asked = await RequestsAsync(new ServerOptions { ApiKeys = ["alice-secret", "bob-secret"] });
        Assert.Equal(3, asked.Length);
        Assert.Equal(asked[0].Scope, asked[1].Scope);
        Assert.Equal(asked[0].Client, asked[1].Client);
        Assert.NotEqual(asked[0].Scope, asked[2].Scope);
        Assert.NotEqual(asked[0].Client, asked[2].Client);
        Assert.All(asked, request => Assert.DoesNotContain("secret", request.Client + request.Scope, StringComparison.Ordinal));
        Assert.All(asked, request => Assert.NotEmpty(request.Scope));
    }

    [Fact]
    public async Task Keys_share_prompts_where_that_is_asked_for_and_still_take_turns()
    {
        var asked = await RequestsAsync(new ServerOptions { ApiKeys = ["alice-secret", "bob-secret"], SharePrompts = true });
        Assert.All(asked, request => Assert.Empty(request.Scope));
        Assert.NotEqual(asked[0].Client, asked[2].Client);
    }

    [Fact]
    public async Task Without_keys_there_is_one_scope_and_the_address_takes_turns()
    {
        var asked = await RequestsAsync(new ServerOptions());
        Assert.All(asked, request => Assert.Equal(("", "127.0.0.1"), (request.Scope, request.Client)));
    }

    /// <summary>In place and without the locks that programs of this kind respect, as other programs do it.</summary>
    private static void Overwrite(string file, ReadOnlySpan<byte> bytes)
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.SetLength(handle, 0);
        RandomAccess.Write(handle, bytes, 0);
    }

    private static async Task<ChatRequest[]> RequestsAsync(ServerOptions options)
    {
        var model = new ScriptedModel("m", "x");
        await using var server = await TestServer.StartAsync(options, model);
        foreach (string key in (string[])["alice-secret", "alice-secret", "bob-secret"])
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
            {
                Content = new StringContent(
                    """{"model":"m","messages":[{"role":"user","content":"x"}]}""", Encoding.UTF8, "application/json"),
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            Assert.Equal(HttpStatusCode.OK, (await server.Client.SendAsync(request, Token)).StatusCode);
        }

        return [.. model.Requests];
    }
}
