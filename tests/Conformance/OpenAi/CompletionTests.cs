using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Conformance.Schemas;
using Causerie.Host.Models;
using Causerie.Host.Serving;
using Causerie.Inference;
using Causerie.Tests;

namespace Causerie.Conformance.OpenAi;

/// <summary>Completions of before chat: shapes, several prompts and answers, what is refused.</summary>
public sealed class CompletionTests
{
    private const string Path = "/v1/completions";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Prompts_and_answers_stand_in_order()
    {
        var spec = SpecSchema.OpenAi();
        var model = new ScriptedModel("m", "Hello", " there");
        await using var server = await TestServer.StartAsync(model);
        var answer = await TestServer.JsonAsync(await server.PostAsync(
            """{"model":"m","prompt":["a","b"],"n":2,"echo":true,"seed":5,"stop":"x","max_tokens":7}""", Path));
        Assert.Empty(spec.Check("CreateCompletionResponse", answer));
        Assert.Equal(
            ["aHello there", "aHello there", "bHello there", "bHello there"],
            answer.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString()));
        Assert.Equal(14, answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(8, answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal([("a", 5UL), ("a", 6UL), ("b", 5UL), ("b", 6UL)], model.Requests.Select(one => (one.Text!, one.Sampling.Seed!.Value)).Order());
        Assert.All(model.Requests, one => Assert.Equal((7, 0), (one.MaxTokens, one.Messages.Length)));
    }

    [Fact]
    public async Task A_stream_has_the_shape_of_the_specification()
    {
        var spec = SpecSchema.OpenAi();
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "Hello", " there"));
        var response = await server.PostAsync("""{"model":"m","prompt":"a","stream":true,"stream_options":{"include_usage":true}}""", Path);
        var events = await SseParser.Create(await response.Content.ReadAsStreamAsync(Token)).EnumerateAsync(Token).Select(item => item.Data).ToListAsync(Token);
        Assert.Equal("[DONE]", events[^1]);
        var chunks = events[..^1].Select(data => JsonDocument.Parse(data).RootElement).ToList();
        // The specification has no null there, but every stream has.
        Assert.All(chunks, chunk => Assert.All(
            spec.Check("CreateCompletionResponse", chunk), error => Assert.Contains("finish_reason", error, StringComparison.Ordinal)));
        Assert.Equal("Hello there", string.Concat(chunks.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray())
            .Select(choice => choice.GetProperty("text").GetString())));
        Assert.Equal(9, chunks[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task The_model_that_ships_goes_on_with_a_text_and_tells_probabilities()
    {
        await using var library = new ModelLibrary((id, file, _, _) => Task.FromResult<IChatModel>(
            new LocalModel(LoadedModel.Load(file, new LoadOptions { Id = id }))));
        library.AddBuiltIn(Assert.IsType<string>(BuiltInModel.Locate()));
        await using var server = await TestServer.StartAsync(new ServerOptions(), library);
        var answer = await TestServer.JsonAsync(await server.PostAsync(
            """{"prompt":"<|im_start|>user\nWhat is the capital of Japan?<|im_end|>\n<|im_start|>assistant\n","temperature":0,"max_tokens":5,"logprobs":2}""", Path));
        var choice = answer.GetProperty("choices")[0];
        var told = choice.GetProperty("logprobs");
        Assert.Equal(choice.GetProperty("text").GetString(), string.Concat(told.GetProperty("tokens").EnumerateArray().Select(token => token.GetString())));
        Assert.Equal(0, told.GetProperty("text_offset")[0].GetInt32());
        Assert.All(told.GetProperty("top_logprobs").EnumerateArray(), top => Assert.InRange(top.EnumerateObject().Count(), 1, 2));

        // Token ids are read as they stand.
        var ids = await TestServer.JsonAsync(await server.PostAsync(
            """{"content":"<|im_start|>user\nWhat is the capital of Japan?<|im_end|>\n<|im_start|>assistant\n","parse_special":false}""", "/tokenize"));
        var same = await TestServer.JsonAsync(await server.PostAsync(
            $$"""{"prompt":[{{ids.GetProperty("tokens").GetRawText()}},"x"],"temperature":0,"max_tokens":5}""", Path));
        Assert.Equal(choice.GetProperty("text").GetString(), same.GetProperty("choices")[0].GetProperty("text").GetString());
        var unknown = await server.PostAsync("""{"prompt":[4420]}""", Path);
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
        Assert.Equal("prompt", (await TestServer.ErrorAsync(unknown)).Param);

        // It has not learnt to fill holes, and says so.
        var response = await server.PostAsync("""{"prompt":"a","suffix":"b"}""", Path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("suffix", (await TestServer.ErrorAsync(response)).Param);
    }

    [Theory]
    [InlineData("{}", "prompt", "missing_required_parameter")]
    [InlineData("""{"prompt":7}""", "prompt", "invalid_type")]
    [InlineData("""{"prompt":[]}""", "prompt", "empty_array")]
    [InlineData("""{"prompt":[1,"a"]}""", "prompt[1]", "invalid_type")]
    [InlineData("""{"prompt":["a",1]}""", "prompt[1]", "invalid_type")]
    [InlineData("""{"prompt":[-1]}""", "prompt[0]", "integer_below_min_value")]
    [InlineData("""{"prompt":[[1],[]]}""", "prompt[1]", "empty_array")]
    [InlineData("""{"prompt":[1,2],"echo":true}""", "echo", "invalid_value")]
    [InlineData("""{"prompt":[[1]],"suffix":"b"}""", "suffix", "invalid_value")]
    [InlineData("""{"prompt":"a","suffix":7}""", "suffix", "invalid_type")]
    [InlineData("""{"prompt":"a","suffix":"b","echo":true}""", "echo", "invalid_value")]
    [InlineData("""{"prompt":"a","best_of":2}""", "best_of", "unsupported_parameter")]
    [InlineData("""{"prompt":"a","logprobs":6}""", "logprobs", "integer_above_max_value")]
    [InlineData("""{"prompt":"a","logprobs":1,"echo":true}""", "echo", "invalid_value")]
    [InlineData("""{"prompt":["a","b"],"n":100}""", "n", "invalid_value")]
    [InlineData("""{"prompt":"a","stream_options":{}}""", "stream_options", "invalid_value")]
    [InlineData("""{"prompt":"a","messages":[]}""", "messages", "unknown_parameter")]
    public async Task What_is_malformed_or_not_honoured_is_refused_by_name(string body, string param, string code)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var response = await server.PostAsync(body, Path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = await TestServer.ErrorAsync(response);
        Assert.Equal((param, code), (error.Param, error.Code));
    }
}
