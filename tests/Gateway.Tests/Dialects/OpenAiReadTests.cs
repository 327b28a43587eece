using System.Text;
using Causerie.Chat;
using Causerie.Gateway.Dialects;

namespace Causerie.Gateway.Tests.Dialects;

/// <summary>What a chat completion request becomes.</summary>
public sealed class OpenAiReadTests
{
    private static readonly OpenAiChat OpenAi = new();
    private const string Hello = """ "messages":[{"role":"user","content":"Hello"}] """;

    [Fact]
    public void Every_honoured_field_arrives()
    {
        var call = Read("""
            {"model":"m","messages":[{"role":"user","content":"Hello","name":"Ada"}],
             "temperature":0.5,"top_p":0.9,"presence_penalty":-1.5,"frequency_penalty":2,
             "logit_bias":{"50256":-100,"7":1.5},"seed":-1,"stop":["a","b"],"max_completion_tokens":12,
             "stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false},"n":1,
             "top_k":40,"min_p":0.05,"typical_p":0.95,"repeat_penalty":1.1,"repeat_last_n":-1,
             "dry_multiplier":0.8,"dry_base":1.75,"dry_allowed_length":2,"dry_penalty_last_n":0,
             "dry_sequence_breakers":["\n"]}
            """);

        var request = call.Request;
        var sampling = request.Sampling;
        Assert.True(call.Streams);
        Assert.Equal("m", request.Model);
        Assert.Equal(new ChatMessage(ChatRole.User, "Hello") { Name = "Ada" }, Assert.Single(request.Messages));
        Assert.Equal(12, request.MaxTokens);
        Assert.Equal(["a", "b"], request.Stop);
        Assert.Equal(
            (0.5, 0.9, -1.5, 2.0, ulong.MaxValue),
            (sampling.Temperature, sampling.TopP, sampling.PresencePenalty, sampling.FrequencyPenalty, sampling.Seed));
        Assert.Equal(
            (40, 0.05, 0.95, 1.1, -1),
            (sampling.TopK, sampling.MinP, sampling.TypicalP, sampling.RepeatPenalty, sampling.RepeatWindow));
        Assert.Equal(
            (0.8, 1.75, 2, 0),
            (sampling.DryMultiplier, sampling.DryBase, sampling.DryAllowedLength, sampling.DryWindow));
        Assert.Equal(["\n"], sampling.DrySequenceBreakers!.Value);
        Assert.Equal([(7, 1.5f), (50256, -100f)], sampling.LogitBias.OrderBy(b => b.Key).Select(b => (b.Key, b.Value)));
        sampling.Validate();
    }

    [Theory]
    [InlineData(""" "content":null,"refusal":"I will not." """)]
    [InlineData(""" "refusal":"I will not." """)]
    [InlineData(""" "content":[{"type":"refusal","refusal":"I will not."}],"refusal":null """)]
    public void What_an_assistant_refused_with_is_what_it_said(string said)
    {
        var call = Read($$"""{"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant",{{said}}},{"role":"user","content":"y"}]}""");
        Assert.Equal(["x", "I will not.", "y"], call.Request.Messages.Select(message => message.Text));
    }

    [Theory]
    [InlineData("""{"type":"content","content":"a file"}""")]
    [InlineData("""{"type":"content","content":[{"type":"text","text":"a "},{"type":"text","text":"file"}]}""")]
    public void A_prediction_is_a_text_or_parts_of_one(string prediction) =>
        Assert.Equal("a file", Read($$"""{"model":"m",{{Hello}},"prediction":{{prediction}}}""").Request.Prediction);

    [Theory]
    [InlineData("\"a\"", "prediction", "invalid_type")]
    [InlineData("{}", "prediction.type", "missing_required_parameter")]
    [InlineData("""{"type":"content"}""", "prediction.content", "missing_required_parameter")]
    [InlineData("""{"type":"static","content":"a"}""", "prediction.type", "invalid_value")]
    [InlineData("""{"type":"content","content":"a","x":1}""", "prediction.x", "unknown_parameter")]
    [InlineData("""{"type":"content","content":[{"type":"image_url"}]}""", "prediction.content[0].type", "unsupported_value")]
    public void A_prediction_is_refused_by_name(string prediction, string param, string code)
    {
        var refusal = Refusal($$"""{"model":"m",{{Hello}},"prediction":{{prediction}}}""");
        Assert.Equal((param, code), (refusal.Param, refusal.Code));
    }

    [Fact]
    public void What_is_left_out_is_left_to_the_model()
    {
        var call = Read($$"""{"model":"m",{{Hello}}}""");
        Assert.False(call.Streams);
        Assert.Null(call.Request.MaxTokens);
        Assert.Empty(call.Request.Stop);
        Assert.Equal(SamplingOptions.ModelDefault, call.Request.Sampling);
    }

    [Fact]
    public void Null_is_the_same_as_left_out()
    {
        string nulls = string.Join(",", Gateway.Dialects.OpenAi.ChatFields.All
            .Select(field => field.Name).Except(["model", "messages"]).Select(name => $"\"{name}\":null"));
        var call = Read($$"""{"model":"m",{{Hello}},{{nulls}}}""");
        Assert.Equal(SamplingOptions.ModelDefault, call.Request.Sampling);
    }

    [Theory]
    [InlineData("system", ChatRole.System)]
    [InlineData("developer", ChatRole.Developer)]
    [InlineData("user", ChatRole.User)]
    [InlineData("assistant", ChatRole.Assistant)]
    public void Each_role_is_understood(string role, ChatRole expected)
    {
        var call = Read($$"""{"model":"m","messages":[{"role":"{{role}}","content":"x"}]}""");
        Assert.Equal(expected, call.Request.Messages[0].Role);
    }

    [Fact]
    public void Text_parts_are_one_text()
    {
        var call = Read("""
            {"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"What is "},
             {"type":"text","text":"it?"}]}]}
            """);
        Assert.Equal("What is it?", call.Request.Messages[0].Text);
    }

    [Fact]
    public void An_answer_may_be_sent_back_as_it_came()
    {
        var call = Read("""
            {"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y","refusal":null,
             "annotations":[],"audio":null,"tool_calls":[],"function_call":null}]}
            """);
        Assert.Equal("y", call.Request.Messages[1].Text);
    }

    [Fact]
    public void Escapes_and_every_script_arrive_whole()
    {
        var call = Read(""" {"model":"m","messages":[{"role":"user","content":"a\u0000b \ud83d\ude00 日本語 \\ \""}]} """);
        Assert.Equal("a\0b 😀 日本語 \\ \"", call.Request.Messages[0].Text);
    }

    [Fact]
    public void With_one_model_its_name_may_be_left_out()
    {
        Assert.Equal("only", Read($$"""{ {{Hello}} }""", "only").Request.Model);
        var refusal = Assert.Throws<RejectedException>(() => Read($$"""{ {{Hello}} }""", "one", "two")).Error;
        Assert.Equal((400, "model", "missing_required_parameter"), (refusal.Status, refusal.Param, refusal.Code));
    }

    [Theory]
    [InlineData("\"user\":\"ada\"")]
    [InlineData("\"safety_identifier\":\"ada\"")]
    [InlineData("\"logprobs\":false")]
    [InlineData("\"response_format\":{\"type\":\"text\"}")]
    [InlineData("\"tools\":[]")]
    [InlineData("\"tool_choice\":\"none\"")]
    [InlineData("\"tool_choice\":\"auto\"")]
    [InlineData("\"parallel_tool_calls\":true")]
    [InlineData("\"functions\":[]")]
    [InlineData("\"function_call\":\"none\"")]
    [InlineData("\"modalities\":[\"text\"]")]
    [InlineData("\"store\":false")]
    [InlineData("\"metadata\":{}")]
    [InlineData("\"service_tier\":\"auto\"")]
    [InlineData("\"service_tier\":\"default\"")]
    [InlineData("\"verbosity\":\"medium\"")]
    public void A_value_that_asks_for_nothing_passes(string field) =>
        Assert.Equal("m", Read($$"""{"model":"m",{{Hello}},{{field}}}""").Request.Model);

    [Theory]
    [InlineData("modalities", """["text","audio"]""")]
    [InlineData("audio", """{"voice":"ash","format":"wav"}""")]
    [InlineData("service_tier", "\"flex\"")]
    [InlineData("verbosity", "\"high\"")]
    [InlineData("web_search_options", "{}")]
    [InlineData("moderation", "{}")]
    [InlineData("prompt_cache_retention", "\"24h\"")]
    [InlineData("prompt_cache_options", "{}")]
    public void What_is_not_honoured_is_refused_by_name(string name, string value)
    {
        var refusal = Refusal($$"""{"model":"m",{{Hello}},"{{name}}":{{value}}}""");
        Assert.Equal((400, name, "unsupported_parameter"), (refusal.Status, refusal.Param, refusal.Code));
        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_surprise_is_refused_by_name()
    {
        var refusal = Refusal($$"""{"model":"m",{{Hello}},"Temperature":1}""");
        Assert.Equal((400, "Temperature", "unknown_parameter"), (refusal.Status, refusal.Param, refusal.Code));
    }

    private static DialectCall Read(string json, params string[] models) => OpenAi.Read(
        Encoding.UTF8.GetBytes(json),
        new DialectContext(
            DateTimeOffset.UnixEpoch,
            [.. models.Select(id => new ModelCard(id, DateTimeOffset.UnixEpoch, "causerie"))]));

    private static DialectError Refusal(string json) => Assert.Throws<RejectedException>(() => Read(json)).Error;
}
