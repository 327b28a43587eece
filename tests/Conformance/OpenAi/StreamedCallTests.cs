using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Causerie.Host.Models;
using Causerie.Tests;
using OpenAI;
using OpenAI.Chat;

namespace Causerie.Conformance.OpenAi;

/// <summary>Calls of the model that ships, streamed: their arguments come while it writes them, and are those of whole answers.</summary>
public sealed class StreamedCallTests : IAsyncLifetime
{
    private const string Parameters =
        """{"type":"object","properties":{"expression":{"type":"string","maxLength":20}},"required":["expression"],"additionalProperties":false}""";

    private readonly GuideServer _guideServer = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestServer Server => _guideServer.Server;

    public ValueTask InitializeAsync() => _guideServer.StartAsync();

    public ValueTask DisposeAsync() => _guideServer.DisposeAsync();

    [Fact]
    public async Task Arguments_of_a_chat_come_in_pieces()
    {
        var client = new OpenAIClient(
            new ApiKeyCredential("unused"),
            new OpenAIClientOptions { Endpoint = new Uri(Server.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) }).GetChatClient(BuiltInModel.Id);
        var options = new ChatCompletionOptions
        {
            Temperature = 0,
            Tools = { OpenAI.Chat.ChatTool.CreateFunctionTool("calculator", "Works out an arithmetic expression.", BinaryData.FromString(Parameters)) },
        };
        List<OpenAI.Chat.ChatMessage> messages = [new UserChatMessage("What is 17 * 23?")];
        var whole = Assert.Single((await client.CompleteChatAsync(messages, options, Token)).Value.ToolCalls);
        var updates = await client.CompleteChatStreamingAsync(messages, options, Token).ToListAsync(Token);
        var pieces = updates.SelectMany(update => update.ToolCallUpdates).ToList();
        Assert.Equal(("calculator", ""), (pieces[0].FunctionName, pieces[0].FunctionArgumentsUpdate.ToString()));
        Assert.NotEmpty(pieces[0].ToolCallId);
        Assert.All(pieces[1..], piece => Assert.True(piece.FunctionName is null && piece.ToolCallId is null && piece.Index == 0));
        Assert.True(pieces.Count > 3, $"only {pieces.Count} pieces");
        Assert.Equal(whole.FunctionArguments.ToString(), string.Concat(pieces.Select(piece => piece.FunctionArgumentsUpdate.ToString())));
        Assert.Equal(OpenAI.Chat.ChatFinishReason.ToolCalls, updates[^1].FinishReason ?? updates[^2].FinishReason);
    }

    [Fact]
    public async Task Arguments_of_a_response_come_in_pieces()
    {
        string Body(bool stream) =>
            $$"""{"model":"causerie-guide","temperature":0,"store":false,"stream":{{(stream ? "true" : "false")}},"input":"What is 17 * 23?","tools":[{"type":"function","name":"calculator","description":"Works out an arithmetic expression.","parameters":{{Parameters}}}]}""";
        var whole = (await TestServer.JsonAsync(await Server.PostAsync(Body(false), "/v1/responses"))).GetProperty("output")[0];
        var events = await EventsAsync(Body(true), "/v1/responses");
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(one => one.GetProperty("sequence_number").GetInt32()));
        string[] types = [.. events.Select(one => one.GetProperty("type").GetString()!).Where(type => type.Contains("item", StringComparison.Ordinal) || type.Contains("call", StringComparison.Ordinal))];
        string[] deltas = [.. events.Where(one => one.GetProperty("type").ValueEquals("response.function_call_arguments.delta")).Select(one => one.GetProperty("delta").GetString()!)];
        Assert.Equal(
            ["response.output_item.added", .. deltas.Select(_ => "response.function_call_arguments.delta"), "response.function_call_arguments.done", "response.output_item.done"],
            types);
        Assert.True(deltas.Length >= 3, $"only {deltas.Length} pieces");
        Assert.Equal(whole.GetProperty("arguments").GetString(), string.Concat(deltas));
        Assert.Equal("17 * 23", JsonDocument.Parse(string.Concat(deltas)).RootElement.GetProperty("expression").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_that_is_cut_is_the_same_streamed_and_whole(bool parallel)
    {
        string last = "";
        bool begun = false, ended = false;
        for (int tokens = 1; !ended && tokens < 60; tokens++)
        {
            string Body(bool stream) =>
                $$$"""
                {"model":"causerie-guide","temperature":0,"max_tokens":{{{tokens}}},"parallel_tool_calls":{{{(parallel ? "true" : "false")}}},
                "stream":{{{(stream ? "true,\"stream_options\":{\"include_usage\":true}" : "false")}}},
                "tool_choice":{"type":"function","function":{"name":"calculator"}},
                "tools":[{"type":"function","function":{"name":"calculator","parameters":{{{Parameters}}} }}],
                "messages":[{"role":"user","content":"What is 17 * 23?"}]}
                """;
            var whole = await TestServer.JsonAsync(await Server.PostAsync(Body(false)));
            var choice = whole.GetProperty("choices")[0];
            var events = await EventsAsync(Body(true), "/v1/chat/completions");
            var deltas = events.SelectMany(one => one.GetProperty("choices").EnumerateArray()).ToList();
            string told = string.Concat(deltas.Select(one => one.GetProperty("delta").TryGetProperty("content", out var text) ? text.GetString() : ""));
            string arguments = string.Concat(deltas.Select(
                one => one.GetProperty("delta").TryGetProperty("tool_calls", out var calls) ? calls[0].GetProperty("function").GetProperty("arguments").GetString() : ""));
            string reason = choice.GetProperty("finish_reason").GetString()!;
            Assert.Equal(reason, deltas[^1].GetProperty("finish_reason").GetString());
            Assert.Equal(whole.GetProperty("usage").GetProperty("completion_tokens").GetInt32(), events[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
            Assert.Equal(choice.GetProperty("message").GetProperty("content").GetString() ?? "", told);
            bool isCall = choice.GetProperty("message").TryGetProperty("tool_calls", out var made);
            Assert.True(isCall || !begun, "what was begun stays a call");
            Assert.Equal(isCall ? made[0].GetProperty("function").GetProperty("arguments").GetString() : "", arguments);
            Assert.StartsWith(last, arguments, StringComparison.Ordinal);
            (last, begun, ended) = (arguments, isCall, reason == "tool_calls");
            Assert.True(ended || reason == "length", reason);
        }
        Assert.True(ended);
        Assert.Equal("17 * 23", JsonDocument.Parse(last).RootElement.GetProperty("expression").GetString());
    }

    private async Task<List<JsonElement>> EventsAsync(string body, string path)
    {
        var response = await Server.PostAsync(body, path);
        return await SseParser.Create(await response.Content.ReadAsStreamAsync(Token)).EnumerateAsync(Token)
            .Where(item => item.Data != "[DONE]").Select(item => JsonDocument.Parse(item.Data).RootElement).ToListAsync(Token);
    }
}
