using System.Net;
using System.Text;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Conformance.Schemas;
using Causerie.Host.Models;
using Causerie.Host.Serving;
using Causerie.Inference;
using Causerie.Tests;

namespace Causerie.Conformance.OpenAi;

/// <summary>Replays what a peer's server was asked about the same small model; the specification's status is ours.</summary>
public sealed class PeerReplayTests
{
    private const string Absent = "(conformance data absent)";

    /// <summary>Paths that are not served, and why; they are answered with 404 and the envelope.</summary>
    private static readonly Dictionary<string, string> NotServed = new()
    {
        ["/v1/messages"] = "Anthropic's dialect is not spoken yet",
        ["/v1/messages/count_tokens"] = "Anthropic's dialect is not spoken yet",
    };

    /// <summary>Cases that a whole implementation answers; ours refuses the field by name until it is honoured.</summary>
    private static readonly Dictionary<string, string> RefusedField = new()
    {
    };

    /// <summary>Cases that are answered otherwise, and why.</summary>
    private static readonly Dictionary<string, (int Status, string Why)> OtherStatus = new()
    {
        ["get_on_post_endpoint"] = (200, "the specification lists kept completions there"),
        ["completion_greedy"] = (404, "it names a model that is not there; the peer answers with the one that it has"),
        ["completion_max_tokens_0"] = (400, "an answer has at least one token here"),
        ["responses_basic"] = (404, "it names a model that is not there; the peer answers with the one that it has"),
    };

    /// <summary>Answers of another number of tokens, and why.</summary>
    private static readonly Dictionary<string, string> OtherCounts = new()
    {
        ["chat_n_2"] = "the peer counts the first answer alone; the specification all",
        ["chat_json_schema_const"] = "JSON may have spaces here where the peer's grammar has none, and the other way round",
        ["chat_json_schema_object"] = "likewise",
    };

    public static TheoryData<string> Cases() =>
        ConformanceData.Root is null ? [Absent] : [.. Load().Select(one => one.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case(string name)
    {
        var spec = SpecSchema.OpenAi();
        var one = Load().Single(c => c.GetProperty("name").GetString() == name);
        var request = one.GetProperty("request");
        string path = request.GetProperty("path").GetString()!;
        if (one.GetProperty("server").GetString() == "embeddings")
        {
            await CheckEmbeddings(spec, one, Message(request, path));
            return;
        }

        await using var server = await StartAsync();

        var response = await server.Client.SendAsync(Message(request, path), TestContext.Current.CancellationToken);

        if (NotServed.ContainsKey(path))
        {
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            Assert.Equal("unknown_url", (await TestServer.ErrorAsync(response)).Code);
            return;
        }

        if (RefusedField.TryGetValue(name, out string? field))
        {
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            var error = await TestServer.ErrorAsync(response);
            Assert.Equal((field, "unsupported_parameter"), (error.Param, error.Code));
            return;
        }

        if (OtherStatus.TryGetValue(name, out var other))
        {
            Assert.Equal(other.Status, (int)response.StatusCode);
            return;
        }

        Assert.Contains((int)response.StatusCode, Statuses(one));
        if (response.StatusCode != HttpStatusCode.OK)
            Assert.NotEmpty((await TestServer.ErrorAsync(response)).Message);
        else if (path == "/v1/chat/completions")
            await CheckAnswer(spec, one, response);
        else if (path is "/tokenize" or "/apply-template")
            await CheckPrompt(path == "/tokenize" ? "tokens" : "prompt", one, response);
    }

    private static async Task CheckPrompt(string field, JsonElement one, HttpResponseMessage response) => Assert.True(JsonElement.DeepEquals(
        one.GetProperty("json").GetProperty(field), (await TestServer.JsonAsync(response)).GetProperty(field)));

    private static async Task CheckAnswer(SpecSchema spec, JsonElement one, HttpResponseMessage response)
    {
        if (response.Content.Headers.ContentType!.MediaType == "text/event-stream")
        {
            string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            string[] events = [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
                .Where(e => e[0] != ':').Select(e => e["data: ".Length..])];
            Assert.Equal("[DONE]", events[^1]);
            Assert.All(events[..^1], data => Assert.Empty(
                spec.Check("CreateChatCompletionStreamResponse", JsonDocument.Parse(data).RootElement)));
            return;
        }

        var answer = await TestServer.JsonAsync(response);
        Assert.Empty(spec.Check("CreateChatCompletionResponse", answer));
        var theirs = one.GetProperty("json");
        Assert.Equal(
            theirs.GetProperty("choices")[0].GetProperty("finish_reason").GetString(),
            answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        if (OtherCounts.ContainsKey(one.GetProperty("name").GetString()!))
            return;
        Assert.Equal(
            theirs.GetProperty("usage").GetProperty("completion_tokens").GetInt32(),
            answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    private static async Task CheckEmbeddings(SpecSchema spec, JsonElement one, HttpRequestMessage message)
    {
        await using var encoder = new LocalEncoder(LoadedModel.Load(
            ConformanceData.Require("weights/archs/bert-cls-f16.gguf"), new LoadOptions { Id = "bert-tiny" }));
        await using var server = await TestServer.StartAsync(encoder);
        var response = await server.Client.SendAsync(message, TestContext.Current.CancellationToken);
        Assert.Contains((int)response.StatusCode, Statuses(one));
        if (response.StatusCode != HttpStatusCode.OK)
        {
            Assert.NotEmpty((await TestServer.ErrorAsync(response)).Message);
            return;
        }

        var answer = await TestServer.JsonAsync(response);
        Assert.Empty(spec.Check("CreateEmbeddingResponse", answer));
        var theirs = one.GetProperty("json");
        Assert.Equal(
            theirs.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(),
            answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.True(Vector(theirs).Zip(Vector(answer), (a, b) => a * b).Sum() > 0.9999);

        static IEnumerable<double> Vector(JsonElement body) =>
            body.GetProperty("data")[0].GetProperty("embedding").EnumerateArray().Select(value => value.GetDouble());
    }

    private static HttpRequestMessage Message(JsonElement request, string path)
    {
        var message = new HttpRequestMessage(new HttpMethod(request.GetProperty("method").GetString()!), path);
        var body = request.GetProperty("body");
        byte[]? bytes = request.TryGetProperty("raw_hex", out var raw) ? Convert.FromHexString(raw.GetString()!)
            : body.ValueKind == JsonValueKind.Null ? null
            // The long case is described, not written out.
            : body.ValueKind == JsonValueKind.String ? Encoding.UTF8.GetBytes(
                "{\"messages\":[{\"role\":\"user\",\"content\":\""
                + string.Concat(Enumerable.Repeat("word ", 3000)) + "\"}]}")
            : Encoding.UTF8.GetBytes(body.GetRawText());
        // The peer answered whatever its one model is called; here an unknown name is refused, which it may be.
        if (bytes is not null)
        {
            message.Content = new ByteArrayContent(bytes);
            message.Content.Headers.ContentType = new("application/json");
        }

        return message;
    }

    private static int[] Statuses(JsonElement one)
    {
        var expected = one.GetProperty("spec_expected_status");
        return expected.ValueKind == JsonValueKind.Array
            ? [.. expected.EnumerateArray().Select(status => status.GetInt32())]
            : [expected.GetInt32()];
    }

    private static async Task<TestServer> StartAsync()
    {
        string file = ConformanceData.Require("weights/stories260K.gguf");
        var library = new ModelLibrary((_, path, _, _) => Task.FromResult<IChatModel>(
            new LocalModel(LoadedModel.Load(path, new LoadOptions { ContextLength = 512 }))));
        library.Add(file);
        return await TestServer.StartAsync(new ServerOptions(), library);
    }

    private static IEnumerable<JsonElement> Load() => JsonDocument
        .Parse(File.ReadAllBytes(ConformanceData.Require("peers/llama-server-golden.json")))
        .RootElement.GetProperty("cases").EnumerateArray();
}
