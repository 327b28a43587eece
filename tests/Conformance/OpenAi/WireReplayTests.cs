using System.Net;
using System.Text;
using System.Text.Json;
using Causerie.Host.Serving;
using Causerie.Tests;

namespace Causerie.Conformance.OpenAi;

/// <summary>Replays recorded exchanges with api.openai.com: understood, or refused by the name of a field.</summary>
public sealed class WireReplayTests
{
    /// <summary>What recorded requests use that is not honoured yet, and what the refusal names.</summary>
    private static readonly string[] NotYet =
    [
        "modalities",
    ];

    [Fact]
    public async Task Chat_completions_are_answered_or_refused_by_name()
    {
        var records = Records().Where(record => IsChat(record) && Status(record) == 200).ToList();
        string[] models = [.. records.Select(record => Request(record).GetProperty("model").GetString()!).Distinct()];
        await using var server = await TestServer.StartAsync(
            new ServerOptions(), [.. models.Select(model => new ScriptedModel(model, "Hello", " there"))]);
        var refused = new SortedDictionary<string, int>(StringComparer.Ordinal);
        int answered = 0;
        foreach (var record in records)
        {
            var response = await server.PostAsync(Request(record).GetRawText());
            if (response.StatusCode == HttpStatusCode.OK)
            {
                await CheckShape(record, response);
                answered++;
                continue;
            }

            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            var error = await TestServer.ErrorAsync(response);
            Assert.True(error.Code is "unsupported_parameter" or "unsupported_value", $"{Name(record)}: {error.Message}");
            string field = error.Param!;
            refused[field] = refused.GetValueOrDefault(field) + 1;
            // Content that is no text, and messages of tools, are refused inside the messages.
            Assert.True(
                NotYet.Contains(field) || field.StartsWith("messages[", StringComparison.Ordinal),
                $"{Name(record)}: {error.Message}");
        }

        string summary = $"{answered} answered; refused: {string.Join(", ", refused)}";
        TestContext.Current.SendDiagnosticMessage(summary);
        Assert.True(records.Count == 55 && answered + refused.Values.Sum() == 55 && answered == 52, summary);
    }

    [Fact]
    public async Task A_wrong_key_fails_as_it_does_there()
    {
        var record = Records().Single(r => IsChat(r) && Status(r) == 401);
        await using var server = await TestServer.StartAsync(
            new ServerOptions { ApiKeys = ["right"] }, new ScriptedModel("gpt-4o-mini", "x"));
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(Request(record).GetRawText(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new("Bearer", "not-a-real-key");
        var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        AssertSameError(record, await TestServer.ErrorAsync(response));
    }

    [Fact]
    public async Task An_unknown_model_fails_as_it_does_there()
    {
        // Deleting models is not served (405), so the recorded error is compared with that of retrieving one.
        var record = Records().Single(r => Uri(r).EndsWith("/v1/models/fake_id", StringComparison.Ordinal));
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var response = await server.Client.GetAsync("/v1/models/fake_id", TestContext.Current.CancellationToken);
        Assert.Equal(Status(record), (int)response.StatusCode);
        AssertSameError(record, await TestServer.ErrorAsync(response));
        Assert.Equal(
            HttpStatusCode.MethodNotAllowed,
            (await server.Client.DeleteAsync("/v1/models/fake_id", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task The_list_of_models_has_the_shape_of_theirs()
    {
        var record = Records().Single(r => Uri(r).EndsWith("/v1/models", StringComparison.Ordinal));
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var ours = await TestServer.JsonAsync(
            await server.Client.GetAsync("/v1/models", TestContext.Current.CancellationToken));
        Assert.Empty(Keys(ours).Except(Keys(Response(record))));
        Assert.Equal(
            Keys(Response(record).GetProperty("data")[0]).Order(), Keys(ours.GetProperty("data")[0]).Order());
    }

    // Whatever we send, they send too; what they send besides are services that a local model has not.
    private static async Task CheckShape(JsonElement record, HttpResponseMessage response)
    {
        if (response.Content.Headers.ContentType!.MediaType == "text/event-stream")
        {
            string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var theirs = Chunks(Response(record).GetString()!);
            var ours = Chunks(text);
            Assert.Empty(ours.SelectMany(Keys).Except(theirs.SelectMany(Keys)));
            Assert.Equal("data: [DONE]", text.TrimEnd().Split("\n\n")[^1]);
            return;
        }

        var answer = await TestServer.JsonAsync(response);
        var expected = Response(record);
        Assert.Empty(Keys(answer).Except(Keys(expected)));
        var choice = answer.GetProperty("choices")[0];
        var theirChoice = expected.GetProperty("choices")[0];
        // Some of their models leave out 'logprobs', which the specification requires.
        Assert.Empty(Keys(choice).Except(Keys(theirChoice)).Except(["logprobs"]));
        Assert.Empty(Keys(choice.GetProperty("message")).Except(Keys(theirChoice.GetProperty("message"))));
        Assert.Empty(Keys(answer.GetProperty("usage")).Except(Keys(expected.GetProperty("usage"))));
    }

    private static void AssertSameError(
        JsonElement record, (string Message, string Type, string? Param, string? Code) ours)
    {
        var theirs = Response(record).GetProperty("error");
        Assert.Equal(
            (theirs.GetProperty("type").GetString(), theirs.GetProperty("param").GetString(),
                theirs.GetProperty("code").GetString()),
            (ours.Type, ours.Param, ours.Code));
    }

    private static List<JsonElement> Chunks(string text) =>
    [
        .. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(e => e["data: ".Length..]).Where(data => data != "[DONE]")
            .Select(data => JsonDocument.Parse(data).RootElement),
    ];

    private static IEnumerable<string> Keys(JsonElement value) => value.EnumerateObject().Select(field => field.Name);

    private static IEnumerable<JsonElement> Records() =>
        File.ReadLines(ConformanceData.Require("wire/openai-api-real-records.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement);

    private static bool IsChat(JsonElement record) =>
        record.GetProperty("method").GetString() == "POST"
        && Uri(record).EndsWith("/v1/chat/completions", StringComparison.Ordinal);

    private static string Uri(JsonElement record) => record.GetProperty("uri").GetString()!;

    private static string Name(JsonElement record) => record.GetProperty("name").GetString()!;

    private static int Status(JsonElement record) => record.GetProperty("status").GetInt32();

    private static JsonElement Request(JsonElement record) => record.GetProperty("request");

    private static JsonElement Response(JsonElement record) => record.GetProperty("response");
}
