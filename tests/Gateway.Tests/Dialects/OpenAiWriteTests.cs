using System.Buffers;
using System.Text;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Gateway.Dialects;

namespace Causerie.Gateway.Tests.Dialects;

/// <summary>What the events of an answer become.</summary>
public sealed class OpenAiWriteTests
{
    private static readonly OpenAiChat OpenAi = new();

    private static readonly ChatEvent[] Answer =
    [
        new ChatStarted("real-name", "fp_1"),
        new ChatProgress(3, 9),
        new ChatText("Hé\n"),
        new ChatText("\"\u2028😀</script>"),
        new ChatFinished(FinishReason.Length, new TokenUsage(9, 2) { CachedTokens = 4 }),
    ];

    [Fact]
    public void A_stream_is_a_role_then_text_then_the_reason_then_done()
    {
        var chunks = Stream("");

        Assert.Equal("[DONE]", chunks[^1]);
        var parsed = chunks[..^1].Select(chunk => JsonDocument.Parse(chunk).RootElement).ToList();
        Assert.Equal(4, parsed.Count);
        string id = parsed[0].GetProperty("id").GetString()!;
        Assert.Matches("^chatcmpl-[A-Za-z0-9]{29}$", id);
        Assert.All(parsed, chunk =>
        {
            Assert.Equal(id, chunk.GetProperty("id").GetString());
            Assert.Equal("chat.completion.chunk", chunk.GetProperty("object").GetString());
            Assert.Equal(1_000, chunk.GetProperty("created").GetInt64());
            Assert.Equal("real-name", chunk.GetProperty("model").GetString());
            Assert.Equal("fp_1", chunk.GetProperty("system_fingerprint").GetString());
            Assert.False(chunk.TryGetProperty("usage", out _));
        });
        Assert.Equal(
            """{"role":"assistant","content":"","refusal":null}""", Delta(parsed[0]).GetRawText());
        Assert.Equal("Hé\n", Delta(parsed[1]).GetProperty("content").GetString());
        Assert.Equal("\"\u2028😀</script>", Delta(parsed[2]).GetProperty("content").GetString());
        Assert.Equal("{}", Delta(parsed[3]).GetRawText());
        Assert.Equal([null, null, null, "length"], parsed.Select(
            chunk => chunk.GetProperty("choices")[0].GetProperty("finish_reason").GetString()));
    }

    [Fact]
    public void Usage_comes_last_when_it_is_asked_for_and_is_null_before()
    {
        var chunks = Stream(""" ,"stream_options":{"include_usage":true} """);
        var parsed = chunks[..^1].Select(chunk => JsonDocument.Parse(chunk).RootElement).ToList();

        Assert.Equal(5, parsed.Count);
        Assert.All(parsed[..^1], chunk => Assert.Equal(JsonValueKind.Null, chunk.GetProperty("usage").ValueKind));
        Assert.Equal(0, parsed[^1].GetProperty("choices").GetArrayLength());
        Assert.Equal(
            """{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}""",
            parsed[^1].GetProperty("usage").GetRawText());
    }

    [Fact]
    public void A_whole_answer_has_everything_at_once()
    {
        var call = Call("");
        var answer = new ChatAnswer(
            new ChatStarted("real-name", "fp_1"), "Hé", new ChatFinished(FinishReason.Stop, new TokenUsage(9, 2) { CachedTokens = 4 }));
        var json = JsonDocument.Parse(Written(output => call.WriteWhole([answer], output))).RootElement;

        Assert.Equal("chat.completion", json.GetProperty("object").GetString());
        Assert.Equal(
            """
            {"index":0,"message":{"role":"assistant","content":"Hé","refusal":null},"logprobs":null,"finish_reason":"stop"}
            """,
            Assert.Single(json.GetProperty("choices").EnumerateArray()).GetRawText());
        Assert.Equal(11, json.GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public void What_became_known_while_the_answer_was_written_is_in_its_end()
    {
        var finished = new ChatFinished(FinishReason.Stop, new TokenUsage(9, 2)) { Fingerprint = "fp_late", ReceiptId = "rcpt_1" };
        var answer = JsonDocument.Parse(Written(output => Call("").WriteWhole(
            [new ChatAnswer(new ChatStarted("m", null), "Hé", finished)], output))).RootElement;
        Assert.Equal("fp_late", answer.GetProperty("system_fingerprint").GetString());
        Assert.Equal("rcpt_1", answer.GetProperty("receipt_id").GetString());
    }

    [Fact]
    public void Without_a_fingerprint_the_field_is_left_out()
    {
        var call = Call("");
        string written = Written(output => call.WriteEvent(0, new ChatStarted("m", null), output));
        Assert.DoesNotContain("fingerprint", written, StringComparison.Ordinal);
    }

    [Fact]
    public void Keeping_alive_is_a_comment_that_tells_how_far_the_prompt_is()
    {
        var call = Call("");
        Assert.Equal(": keep-alive\n\n", Written(output => call.WriteKeepAlive(null, output)));
        Assert.Equal(": prompt 3/9\n\n", Written(output => call.WriteKeepAlive(new ChatProgress(3, 9), output)));
    }

    [Fact]
    public void A_failure_in_the_middle_is_one_event_with_the_envelope()
    {
        var call = Call("");
        string written = Written(output => call.WriteFailure(
            OpenAi.Describe(new ChatException(ChatErrorKind.Unavailable, "It \"died\".")), output));
        Assert.Equal(
            """data: {"error":{"message":"It \"died\".","type":"server_error","param":null,"code":"model_unavailable"}}"""
                + "\n\n",
            written);
    }

    [Theory]
    [InlineData(ChatErrorKind.InvalidRequest, 400, "invalid_request_error", "field", "invalid_value")]
    [InlineData(ChatErrorKind.Unsupported, 400, "invalid_request_error", "field", "unsupported_parameter")]
    [InlineData(ChatErrorKind.ModelNotFound, 404, "invalid_request_error", "model", "model_not_found")]
    [InlineData(ChatErrorKind.ContextLengthExceeded, 400, "invalid_request_error", "field", "context_length_exceeded")]
    [InlineData(ChatErrorKind.Overloaded, 503, "server_error", "field", "overloaded")]
    [InlineData(ChatErrorKind.Unavailable, 503, "server_error", "field", "model_unavailable")]
    [InlineData(ChatErrorKind.Internal, 500, "server_error", "field", "internal_error")]
    public void Each_kind_of_failure_has_its_status_and_code(
        ChatErrorKind kind, int status, string type, string param, string code)
    {
        var error = OpenAi.Describe(new ChatException(kind, "why", "field"));
        Assert.Equal((status, type, param, code, "why"), (error.Status, error.Type, error.Param, error.Code, error.Message));
        Assert.Equal(status == 503, error.RetryAfter is not null);
    }

    [Fact]
    public void A_fault_of_ours_says_nothing_of_our_insides()
    {
        var error = OpenAi.Describe(new InvalidOperationException("secret path"));
        Assert.Equal(500, error.Status);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_never_finishes_is_a_failure()
    {
        var failure = await Assert.ThrowsAsync<ChatException>(
            () => ChatAnswer.CollectAsync(Answer[..^1].Select(step => (0, step)).ToAsyncEnumerable(), 1, TestContext.Current.CancellationToken));
        Assert.Equal(ChatErrorKind.Internal, failure.Kind);
    }

    [Fact]
    public void Dialects_find_themselves() =>
        Assert.Contains(Dialect.Discover(), dialect => dialect.Paths.Contains("/v1/chat/completions"));

    private static JsonElement Delta(JsonElement chunk) => chunk.GetProperty("choices")[0].GetProperty("delta");

    private static List<string> Stream(string more)
    {
        var call = Call(more);
        string written = Written(output =>
        {
            foreach (var chatEvent in Answer)
                call.WriteEvent(0, chatEvent, output);
        });
        Assert.EndsWith("\n\n", written, StringComparison.Ordinal);
        return [.. written.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(chunk =>
        {
            Assert.StartsWith("data: ", chunk, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', chunk);
            return chunk["data: ".Length..];
        })];
    }

    private static DialectCall Call(string more) => OpenAi.Read(
        Encoding.UTF8.GetBytes(
            """{"model":"asked-name","stream":true,"messages":[{"role":"user","content":"Hello"}]""" + more + "}"),
        new DialectContext(DateTimeOffset.FromUnixTimeSeconds(1_000), []));

    private static string Written(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
