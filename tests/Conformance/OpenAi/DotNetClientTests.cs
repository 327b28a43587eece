using System.ClientModel;
using System.ClientModel.Primitives;
using Causerie.Chat;
using Causerie.Host.Serving;
using Causerie.Tests;
using OpenAI;
using OpenAI.Chat;

namespace Causerie.Conformance.OpenAi;

/// <summary>The official OpenAI client for .NET against a running server.</summary>
public sealed class DotNetClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_chats()
    {
        var model = new ScriptedModel("m", "Hello", " there", ", Zoë 😀");
        await using var server = await TestServer.StartAsync(model);
        var result = await Chat(server).CompleteChatAsync(
            [
                new SystemChatMessage("Be brief."), new UserChatMessage("Hi"), new AssistantChatMessage("Hello"),
                new UserChatMessage(ChatMessageContentPart.CreateTextPart("Again"), ChatMessageContentPart.CreateTextPart("!")),
            ],
            new ChatCompletionOptions
            {
                Temperature = 0.5f,
                TopP = 0.9f,
                MaxOutputTokenCount = 2,
                FrequencyPenalty = 0.25f,
                PresencePenalty = -0.25f,
                StopSequences = { "a", "b" },
                EndUserId = "someone",
            },
            Token);

        var answer = result.Value;
        Assert.Equal("Hello there", Assert.Single(answer.Content).Text);
        Assert.Equal(OpenAI.Chat.ChatFinishReason.Length, answer.FinishReason);
        Assert.Equal((7, 2, 9), (answer.Usage.InputTokenCount, answer.Usage.OutputTokenCount, answer.Usage.TotalTokenCount));
        Assert.Equal(("m", "fp_scripted"), (answer.Model, answer.SystemFingerprint));
        Assert.StartsWith("chatcmpl-", answer.Id, StringComparison.Ordinal);

        var asked = Assert.Single(model.Requests);
        Assert.Equal([ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.User], asked.Messages.Select(m => m.Role));
        Assert.Equal("Again!", asked.Messages[^1].Text);
        Assert.Equal((2, 0.25, -0.25), (asked.MaxTokens, asked.Sampling.FrequencyPenalty, asked.Sampling.PresencePenalty));
        Assert.Equal(["a", "b"], asked.Stop);
    }

    [Fact]
    public async Task It_streams()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "Hello", " there", ", Zoë 😀"));
        var updates = await Chat(server).CompleteChatStreamingAsync([new UserChatMessage("Hi")], null, Token)
            .ToListAsync(Token);

        Assert.Equal("Hello there, Zoë 😀", string.Concat(updates.SelectMany(u => u.ContentUpdate).Select(part => part.Text)));
        Assert.Equal(ChatMessageRole.Assistant, updates[0].Role);
        Assert.Equal([OpenAI.Chat.ChatFinishReason.Stop], updates.Select(u => u.FinishReason).OfType<OpenAI.Chat.ChatFinishReason>());
        Assert.Equal(10, Assert.Single(updates.Select(u => u.Usage).OfType<ChatTokenUsage>()).TotalTokenCount);
        Assert.Single(updates.Select(u => u.CompletionId).Distinct());
    }

    [Fact]
    public async Task It_leaves_in_the_middle_of_a_stream()
    {
        var model = new ScriptedModel("m", "one", "two")
        {
            BeforePiece = (i, token) => i == 0 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, token),
        };
        await using var server = await TestServer.StartAsync(model);
        await foreach (var update in Chat(server).CompleteChatStreamingAsync([new UserChatMessage("Hi")], null, Token))
        {
            if (update.ContentUpdate.Count > 0 && update.ContentUpdate[0].Text == "one")
                break;
        }

        await model.Stopped.WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task It_lists_the_models()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m"), new ScriptedModel("org/n"));
        var client = Client(server).GetOpenAIModelClient();
        var models = (await client.GetModelsAsync(Token)).Value;
        Assert.Equal(["m", "org/n"], models.Select(model => model.Id));
        var one = (await client.GetModelAsync("org/n", Token)).Value;
        Assert.Equal(("org/n", "causerie"), (one.Id, one.OwnedBy));
    }

    [Fact]
    public async Task Its_typed_errors_are_ours()
    {
        await using var server = await TestServer.StartAsync(
            new ServerOptions { ApiKeys = ["right"] }, new ScriptedModel("m", "x"),
            new ScriptedModel("long") { Fails = (0, new ChatException(ChatErrorKind.ContextLengthExceeded, "Too long.")) },
            new ScriptedModel("busy") { Fails = (0, new ChatException(ChatErrorKind.Overloaded, "Busy.")) });

        await AssertFails(401, "invalid_api_key", () => Chat(server, "m", "wrong").CompleteChatAsync("Hi"));
        await AssertFails(404, "model_not_found", () => Chat(server, "nope", "right").CompleteChatAsync("Hi"));
        await AssertFails(400, "context_length_exceeded", () => Chat(server, "long", "right").CompleteChatAsync("Hi"));
        await AssertFails(503, "overloaded", () => Chat(server, "busy", "right").CompleteChatAsync("Hi"));
        await AssertFails(400, "decimal_above_max_value", () => Chat(server, "m", "right").CompleteChatAsync(
            [new UserChatMessage("Hi")], new ChatCompletionOptions { Temperature = 3 }));
    }

    [Fact]
    public async Task An_error_before_a_stream_begins_is_typed_too()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        await AssertFails(404, "model_not_found", async () =>
            await Chat(server, "nope").CompleteChatStreamingAsync([new UserChatMessage("Hi")], null, Token).ToListAsync(Token));
    }

    private static async Task AssertFails<T>(int status, string code, Func<Task<T>> ask)
    {
        var failure = await Assert.ThrowsAsync<ClientResultException>(ask);
        Assert.Equal(status, failure.Status);
        Assert.Contains(code, failure.Message, StringComparison.Ordinal);
    }

    private static ChatClient Chat(TestServer server, string model = "m", string key = "unused") =>
        Client(server, key).GetChatClient(model);

    private static OpenAIClient Client(TestServer server, string key = "unused") => new(
        new ApiKeyCredential(key),
        new OpenAIClientOptions { Endpoint = new Uri(server.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) });
}
