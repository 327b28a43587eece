using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Conformance.Schemas;
using Causerie.Inference;
using Causerie.Tests;
using OpenAI;
using OpenAI.Embeddings;

namespace Causerie.Conformance.OpenAi;

/// <summary>Embeddings through the official clients, against the specification, and with a model that computes them.</summary>
public sealed class EmbeddingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_is_of_the_specification()
    {
        var spec = SpecSchema.OpenAi();
        await using var server = await TestServer.StartAsync(new ScriptedEmbedder("m"), new ScriptedModel("chat", "x"));
        foreach (string path in (string[])["/v1/embeddings", "/embeddings"])
        {
            var answer = await TestServer.JsonAsync(await server.PostAsync("""{"model":"m","input":["a","bc"]}""", path));
            Assert.Empty(spec.Check("CreateEmbeddingResponse", answer));
            Assert.Equal(3, answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        }

        foreach (string body in (string[])["{", """{"model":"m"}""", """{"model":"x","input":"a"}""", """{"model":"chat","input":"a"}"""])
            Assert.Empty(spec.Check("ErrorResponse", await TestServer.JsonAsync(await server.PostAsync(body, "/v1/embeddings"))));
    }

    [Fact]
    public async Task The_client_for_dotnet()
    {
        var model = new ScriptedEmbedder("m", width: 4);
        await using var server = await TestServer.StartAsync(model, new ScriptedModel("chat", "x"));
        var client = Client(server, "m");
        var one = (await client.GenerateEmbeddingAsync("text", new EmbeddingGenerationOptions { Dimensions = 3, EndUserId = "u" }, Token)).Value;
        Assert.Equal(ScriptedEmbedder.Vector(EmbeddingInput.Of("text"), 0, 3), one.ToFloats().ToArray());
        var many = (await client.GenerateEmbeddingsAsync(["a", "bcd"], null, Token)).Value;
        Assert.Equal([0, 1], many.Select(vector => vector.Index));
        Assert.Equal(ScriptedEmbedder.Vector(EmbeddingInput.Of("bcd"), 1, 4), many[1].ToFloats().ToArray());
        Assert.Equal(("m", 4, 4), (many.Model, many.Usage.InputTokenCount, many.Usage.TotalTokenCount));
        var tokens = (await client.GenerateEmbeddingsAsync([new ReadOnlyMemory<int>([1, 2]), new ReadOnlyMemory<int>([3])], null, Token)).Value;
        Assert.Equal(2, tokens.Count);
        Assert.Equal([1, 2], model.Requests.Last().Inputs[0].Tokens);

        var failure = await Assert.ThrowsAsync<ClientResultException>(() => Client(server, "chat").GenerateEmbeddingAsync("x", null, Token));
        Assert.Equal(400, failure.Status);
        Assert.Contains("gives no embeddings", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_client_for_JavaScript()
    {
        var model = new ScriptedEmbedder("m");
        await using var server = await TestServer.StartAsync(model);
        var seen = await NpmClient.RunAsync(server.Address, "embeddings");
        float[] expected = ScriptedEmbedder.Vector(EmbeddingInput.Of("bcd"), 1, 3);
        foreach (string kind in (string[])["whole", "floats"])
        {
            var data = seen.GetProperty(kind).GetProperty("data");
            Assert.Equal(expected, data[1].GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()));
        }

        Assert.Equal(4, seen.GetProperty("whole").GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.Equal(2, seen.GetProperty("tokens").GetProperty("data")[0].GetProperty("embedding").GetArrayLength());
        Assert.Equal((400, "empty_string"), (seen.GetProperty("empty").GetProperty("status").GetInt32(), seen.GetProperty("empty").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Recorded_requests_are_answered_as_there()
    {
        var records = File.ReadLines(ConformanceData.Require("wire/openai-api-real-records.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(record => record.GetProperty("uri").GetString()!.EndsWith("/v1/embeddings", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, records.Count);
        await using var server = await TestServer.StartAsync(new ScriptedEmbedder("text-embedding-3-small", 1536));
        foreach (var record in records)
        {
            var response = await server.PostAsync(record.GetProperty("request").GetRawText(), "/v1/embeddings");
            Assert.Equal(record.GetProperty("status").GetInt32(), (int)response.StatusCode);
            if (!response.IsSuccessStatusCode)
            {
                Assert.Equal("dimensions", (await TestServer.ErrorAsync(response)).Param);
                continue;
            }

            var theirs = record.GetProperty("response");
            var ours = await TestServer.JsonAsync(response);
            Assert.Equal(Names(theirs), Names(ours));
            Assert.Equal(Names(theirs.GetProperty("usage")), Names(ours.GetProperty("usage")));
            Assert.Equal(theirs.GetProperty("data").GetArrayLength(), ours.GetProperty("data").GetArrayLength());
            foreach (var (a, b) in theirs.GetProperty("data").EnumerateArray().Zip(ours.GetProperty("data").EnumerateArray()))
            {
                Assert.Equal(Names(a), Names(b));
                Assert.Equal(a.GetProperty("embedding").GetString()!.Length, b.GetProperty("embedding").GetString()!.Length);
            }
        }

        static IEnumerable<string> Names(JsonElement one) => one.EnumerateObject().Select(property => property.Name).Order();
    }

    [Fact]
    public async Task A_model_file_gives_the_peers_vectors()
    {
        const string Encoder = "weights/archs/bert-cls-f16.gguf";
        using var expected = JsonDocument.Parse(File.ReadAllBytes(ConformanceData.Require("weights/embeddings-expected.json")));
        var cases = expected.RootElement.GetProperty("models")[0].GetProperty("cases").EnumerateArray().ToList();
        await using var model = new LocalEncoder(LoadedModel.Load(ConformanceData.Require(Encoder)));
        string id = model.Models[0].Id;
        await using var server = await TestServer.StartAsync(model);
        var client = Client(server, id);
        var vectors = (await client.GenerateEmbeddingsAsync(cases.Select(one => one.GetProperty("text").GetString()), null, Token)).Value;
        Assert.Equal(id, vectors.Model);
        for (int i = 0; i < cases.Count; i++)
        {
            float[] theirs = [.. cases[i].GetProperty("embedding_l2").EnumerateArray().Select(value => value.GetSingle())];
            Assert.True(theirs.Zip(vectors[i].ToFloats().ToArray(), (a, b) => (double)a * b).Sum() > 0.9999);
        }

        await AssertRefused(server, new { input = string.Join(' ', Enumerable.Repeat("dog", 600)) }, "input", "context_length_exceeded", "602");
        await AssertRefused(server, new { input = new[] { "a", string.Join(' ', Enumerable.Repeat("dog", 600)) } }, "input[1]", "context_length_exceeded", "512");
        await AssertRefused(server, new { input = "a", dimensions = 33 }, "dimensions", "invalid_value", "32");
        await AssertRefused(server, new { input = new[] { 101, 40000 } }, "input", "invalid_value", "40000");
        var chat = await server.PostAsync(new { model = id, messages = new[] { new { role = "user", content = "Hi" } } });
        Assert.Contains("is an encoder", (await TestServer.ErrorAsync(chat)).Message, StringComparison.Ordinal);
        Assert.Equal(400, (int)chat.StatusCode);
    }

    private static async Task AssertRefused(TestServer server, object body, string param, string code, string says)
    {
        var response = await server.PostAsync(body, "/v1/embeddings");
        Assert.Equal(400, (int)response.StatusCode);
        var error = await TestServer.ErrorAsync(response);
        Assert.Equal((param, code), (error.Param, error.Code));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    private static EmbeddingClient Client(TestServer server, string model) => new OpenAIClient(
        new ApiKeyCredential("unused"),
        new OpenAIClientOptions { Endpoint = new Uri(server.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) })
        .GetEmbeddingClient(model);
}
