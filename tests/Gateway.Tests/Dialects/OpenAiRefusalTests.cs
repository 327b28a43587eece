using System.Text;
using Causerie.Gateway.Dialects;

namespace Causerie.Gateway.Tests.Dialects;

/// <summary>Each malformed request is refused with its field and code, and nothing else happens.</summary>
public sealed class OpenAiRefusalTests
{
    private static readonly OpenAiChat OpenAi = new();

    [Theory]
    [InlineData("", null, "invalid_json")]
    [InlineData("{", null, "invalid_json")]
    [InlineData("nonsense", null, "invalid_json")]
    [InlineData("[]", null, "invalid_json")]
    [InlineData("null", null, "invalid_json")]
    [InlineData("\"text\"", null, "invalid_json")]
    [InlineData("{} {}", null, "invalid_json")]
    [InlineData("{\"a\":1,}", null, "invalid_json")]
    [InlineData("{\"temperature\":NaN}", null, "invalid_json")]
    [InlineData("{/* note */}", null, "invalid_json")]
    [InlineData("{}", "messages", "missing_required_parameter")]
    public void Bodies(string body, string? param, string code) => AssertRefused(body, param, code);

    [Theory]
    [InlineData("{\"model\":\"a\",\"model\":\"b\"}", "model")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"role\":\"system\"}]}", "messages[0].role")]
    [InlineData("{\"logit_bias\":{\"1\":1,\"\\u0031\":2}}", "logit_bias.1")]
    public void A_key_given_twice(string body, string param) => AssertRefused(body, param, "duplicate_parameter");

    [Fact]
    public void Bytes_that_are_no_UTF8()
    {
        byte[] body = [.. "{\"messages\":[{\"role\":\"user\",\"content\":\""u8, 0xff, 0xfe, .. "\"}]}"u8];
        Assert.Equal("invalid_json", Refusal(body).Code);
    }

    [Fact]
    public void Half_a_surrogate_pair() =>
        AssertRefused("""{"messages":[{"role":"user","content":"\ud83d"}]}""", null, "invalid_json");

    [Fact]
    public void Nesting_without_end() =>
        AssertRefused("{\"messages\":" + new string('[', 100_000), null, "invalid_json");

    [Theory]
    [InlineData("\"hi\"", "messages", "invalid_type")]
    [InlineData("42", "messages", "invalid_type")]
    [InlineData("null", "messages", "invalid_type")]
    [InlineData("{}", "messages", "invalid_type")]
    [InlineData("[]", "messages", "empty_array")]
    [InlineData("[null]", "messages[0]", "invalid_type")]
    [InlineData("[\"hi\"]", "messages[0]", "invalid_type")]
    [InlineData("[{}]", "messages[0].role", "missing_required_parameter")]
    [InlineData("""[{"content":"x"}]""", "messages[0].role", "missing_required_parameter")]
    [InlineData("""[{"role":null}]""", "messages[0].role", "invalid_type")]
    [InlineData("""[{"role":7,"content":"x"}]""", "messages[0].role", "invalid_type")]
    [InlineData("""[{"role":"sound","content":"x"}]""", "messages[0].role", "invalid_value")]
    [InlineData("""[{"role":"user","content":"x","refusal":"no"}]""", "messages[0].refusal", "invalid_value")]
    [InlineData("""[{"role":"assistant","content":"x","refusal":"no"}]""", "messages[0].refusal", "invalid_value")]
    [InlineData("""[{"role":"assistant","content":null,"refusal":7}]""", "messages[0].refusal", "invalid_type")]
    [InlineData("""[{"role":"user","content":[{"type":"refusal","refusal":"no"}]}]""", "messages[0].content[0].type", "unsupported_value")]
    [InlineData("""[{"role":"assistant","content":[{"type":"refusal"}]}]""", "messages[0].content[0].refusal", "missing_required_parameter")]
    [InlineData("""[{"role":"assistant","content":[{"type":"text","text":"a","refusal":"b"}]}]""", "messages[0].content[0].refusal", "unknown_parameter")]
    [InlineData("""[{"role":"tool","content":"x","tool_call_id":"1"}]""", "messages[0].tool_call_id", "invalid_value")]
    [InlineData("""[{"role":"user"}]""", "messages[0].content", "missing_required_parameter")]
    [InlineData("""[{"role":"user","content":null}]""", "messages[0].content", "invalid_type")]
    [InlineData("""[{"role":"user","content":7}]""", "messages[0].content", "invalid_type")]
    [InlineData("""[{"role":"user","content":[]}]""", "messages[0].content", "empty_array")]
    [InlineData("""[{"role":"user","content":["x"]}]""", "messages[0].content[0]", "invalid_type")]
    [InlineData("""[{"role":"user","content":[{"text":"x"}]}]""", "messages[0].content[0].type",
        "missing_required_parameter")]
    [InlineData("""[{"role":"user","content":[{"type":"text"}]}]""", "messages[0].content[0].text",
        "missing_required_parameter")]
    [InlineData("""[{"role":"user","content":[{"type":"text","text":1}]}]""", "messages[0].content[0].text",
        "invalid_type")]
    [InlineData("""[{"role":"user","content":[{"type":"text","text":"x","extra":1}]}]""",
        "messages[0].content[0].extra", "unknown_parameter")]
    [InlineData("""[{"role":"user","content":[{"type":"text","text":"x","prompt_cache_breakpoint":{}}]}]""",
        "messages[0].content[0].prompt_cache_breakpoint", "unsupported_parameter")]
    [InlineData("""[{"role":"user","content":[{"type":"sound","text":"x"}]}]""", "messages[0].content[0].type",
        "invalid_value")]
    [InlineData("""[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]""",
        "messages[0].content[0].type", "unsupported_value")]
    [InlineData("""[{"role":"user","content":"x","name":7}]""", "messages[0].name", "invalid_type")]
    [InlineData("""[{"role":"user","content":"x","mood":"good"}]""", "messages[0].mood", "unknown_parameter")]
    [InlineData("""[{"role":"user","content":"x"},{"role":"assistant"}]""", "messages[1].content",
        "missing_required_parameter")]
    [InlineData("""[{"role":"assistant","content":"x","tool_calls":[{"id":"1"}]}]""", "messages[0].tool_calls[0].function",
        "missing_required_parameter")]
    public void Messages(string messages, string param, string code) =>
        AssertRefused($$"""{"model":"m","messages":{{messages}}}""", param, code);

    [Theory]
    [InlineData("temperature", "\"hot\"", "invalid_type")]
    [InlineData("temperature", "-1", "decimal_below_min_value")]
    [InlineData("temperature", "2.1", "decimal_above_max_value")]
    [InlineData("temperature", "1e999", "decimal_above_max_value")]
    [InlineData("top_p", "2", "decimal_above_max_value")]
    [InlineData("top_p", "true", "invalid_type")]
    [InlineData("presence_penalty", "-2.1", "decimal_below_min_value")]
    [InlineData("frequency_penalty", "2.1", "decimal_above_max_value")]
    [InlineData("max_tokens", "\"5\"", "invalid_type")]
    [InlineData("max_tokens", "-5", "integer_below_min_value")]
    [InlineData("max_tokens", "0", "integer_below_min_value")]
    [InlineData("max_tokens", "1.5", "invalid_type")]
    [InlineData("max_tokens", "5e9", "invalid_type")]
    [InlineData("max_tokens", "5000000000", "integer_above_max_value")]
    [InlineData("max_tokens", "99999999999999999999", "integer_above_max_value")]
    [InlineData("max_tokens", "-99999999999999999999", "integer_below_min_value")]
    [InlineData("max_completion_tokens", "[]", "invalid_type")]
    [InlineData("n", "0", "integer_below_min_value")]
    [InlineData("n", "129", "integer_above_max_value")]
    [InlineData("n", "\"1\"", "invalid_type")]
    [InlineData("stop", "5", "invalid_type")]
    [InlineData("stop", "\"\"", "empty_string")]
    [InlineData("stop", "[]", "empty_array")]
    [InlineData("stop", """["a","b","c","d","e"]""", "array_above_max_length")]
    [InlineData("stream", "\"yes\"", "invalid_type")]
    [InlineData("stream_options", "true", "invalid_type")]
    [InlineData("stream_options", "{}", "invalid_value")]
    [InlineData("logit_bias", "[1]", "invalid_type")]
    [InlineData("seed", "\"a\"", "invalid_type")]
    [InlineData("seed", "1.5", "invalid_type")]
    [InlineData("seed", "9223372036854775808", "integer_above_max_value")]
    [InlineData("user", "7", "invalid_type")]
    [InlineData("safety_identifier", "{}", "invalid_type")]
    [InlineData("model", "null", "invalid_type")]
    [InlineData("model", "\"\"", "empty_string")]
    [InlineData("top_k", "-1", "integer_below_min_value")]
    [InlineData("min_p", "1.1", "decimal_above_max_value")]
    [InlineData("typical_p", "-0.1", "decimal_below_min_value")]
    [InlineData("repeat_penalty", "0", "decimal_below_min_value")]
    [InlineData("repeat_last_n", "-2", "integer_below_min_value")]
    [InlineData("dry_multiplier", "-1", "decimal_below_min_value")]
    [InlineData("dry_base", "\"x\"", "invalid_type")]
    [InlineData("dry_allowed_length", "-1", "integer_below_min_value")]
    [InlineData("dry_penalty_last_n", "-2", "integer_below_min_value")]
    [InlineData("dry_sequence_breakers", "\"x\"", "invalid_type")]
    public void Fields(string name, string value, string code) => AssertRefused(
        name == "model"
            ? $$"""{"messages":[{"role":"user","content":"x"}],"model":{{value}}}"""
            : $$"""{"model":"m","messages":[{"role":"user","content":"x"}],"{{name}}":{{value}}}""",
        name,
        code);

    [Theory]
    [InlineData("""{"a":1}""", "logit_bias.a", "invalid_value")]
    [InlineData("""{"-1":1}""", "logit_bias.-1", "invalid_value")]
    [InlineData("""{"1":"x"}""", "logit_bias.1", "invalid_type")]
    [InlineData("""{"1":101}""", "logit_bias.1", "decimal_above_max_value")]
    [InlineData("""{"1":1,"01":2}""", "logit_bias.01", "invalid_value")]
    [InlineData("""{"99999999999":1}""", "logit_bias.99999999999", "invalid_value")]
    public void Biases(string biases, string param, string code) => AssertRefused(
        $$"""{"model":"m","messages":[{"role":"user","content":"x"}],"logit_bias":{{biases}}}""", param, code);

    [Theory]
    [InlineData("""{"include_usage":1}""", "stream_options.include_usage", "invalid_type")]
    [InlineData("""{"include_obfuscation":true}""", "stream_options.include_obfuscation", "unsupported_parameter")]
    [InlineData("""{"extra":true}""", "stream_options.extra", "unknown_parameter")]
    public void Stream_options(string options, string param, string code) => AssertRefused(
        $$"""{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true,"stream_options":{{options}}}""",
        param, code);

    [Fact]
    public void Two_names_of_one_limit() => AssertRefused(
        """{"model":"m","messages":[{"role":"user","content":"x"}],"max_tokens":1,"max_completion_tokens":1}""",
        "max_tokens", "invalid_value");

    [Fact]
    public void Any_bytes_are_answered_or_refused()
    {
        byte[] good = Encoding.UTF8.GetBytes(
            """{"model":"m","messages":[{"role":"user","content":"é\ud83d\ude00"}],"temperature":1,"stop":["a"]}""");
        ulong state = 5;
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bad = [.. good];
            for (int change = 0; change < 1 + (i % 3); change++)
            {
                uint at = Next(ref state) % (uint)bad.Length;
                bad[at] = (byte)Next(ref state);
            }

            try
            {
                OpenAi.Read(bad, new DialectContext(DateTimeOffset.UnixEpoch, []));
            }
            catch (RejectedException refusal)
            {
                Assert.Equal(400, refusal.Error.Status);
                refused++;
            }
        }

        Assert.InRange(refused, 5_000, 20_000);
    }

    // Knuth's linear congruential generator: the same cases on every run.
    private static uint Next(ref ulong state)
    {
        state = (state * 6364136223846793005) + 1442695040888963407;
        return (uint)(state >> 33);
    }

    private static void AssertRefused(string body, string? param, string code)
    {
        var refusal = Refusal(Encoding.UTF8.GetBytes(body));
        Assert.Equal((400, "invalid_request_error"), (refusal.Status, refusal.Type));
        Assert.Equal((param, code), (refusal.Param, refusal.Code));
        Assert.NotEmpty(refusal.Message);
    }

    private static DialectError Refusal(byte[] body) => Assert.Throws<RejectedException>(
        () => OpenAi.Read(body, new DialectContext(DateTimeOffset.UnixEpoch, []))).Error;
}
