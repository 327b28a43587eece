using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Causerie.Host.Models;
using Causerie.Tests;
using OpenAI;
using OpenAI.Chat;

namespace Causerie.Conformance.OpenAi;

/// <summary>The official clients against the server with the model that ships: here it matters what is said.</summary>
public sealed class GuideTests : IAsyncLifetime
{
    private readonly GuideServer _guideServer = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestServer Server => _guideServer.Server;

    public ValueTask InitializeAsync() => _guideServer.StartAsync();

    public ValueTask DisposeAsync() => _guideServer.DisposeAsync();

    [Theory]
    [InlineData("What is the capital of Japan?", "Tokyo")]
    [InlineData("How do I change the port?", "--port")]
    [InlineData("How do I load a bigger model?", "causerie pull")]
    [InlineData("Who wrote Hamlet?", "beyond me")]
    [InlineData("Quelle est la capitale du Japon ?", "Tokyo")]
    [InlineData("Comment changer de port ?", "--port")]
    [InlineData("Quelle lettre vient après G ?", "vient H")]
    [InlineData("Qui a peint la Joconde ?", "me dépasse")]
    public async Task A_question_is_answered_whole_and_streamed(string question, string said)
    {
        OpenAI.Chat.ChatMessage[] messages = [new UserChatMessage(question)];
        var whole = (await Chat().CompleteChatAsync(messages, Steady, Token)).Value;
        Assert.Contains(said, whole.Content[0].Text, StringComparison.Ordinal);
        Assert.Equal(OpenAI.Chat.ChatFinishReason.Stop, whole.FinishReason);
        var updates = await Chat().CompleteChatStreamingAsync(messages, Steady, Token).ToListAsync(Token);
        Assert.Equal(
            whole.Content[0].Text, string.Concat(updates.SelectMany(update => update.ContentUpdate).Select(part => part.Text)));
    }

    [Theory]
    [InlineData("My name is Anna.", "What is my name?")]
    [InlineData("Je m'appelle Anna.", "Comment je m'appelle ?")]
    public async Task What_was_said_earlier_counts(string first, string then)
    {
        var answer = (await Chat().CompleteChatAsync([new UserChatMessage(first)], Steady, Token)).Value;
        var second = (await Chat().CompleteChatAsync(
            [new UserChatMessage(first), new AssistantChatMessage(answer.Content[0].Text), new UserChatMessage(then)],
            Steady, Token)).Value;
        Assert.Contains("Anna", second.Content[0].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("How do I change the port?")]
    [InlineData("Quelle est la capitale du Japon ?")]
    public async Task Probabilities_are_those_of_what_is_read(string question)
    {
        var options = Steady;
        options.IncludeLogProbabilities = true;
        var answer = (await Chat().CompleteChatAsync([new UserChatMessage(question)], options, Token)).Value;
        byte[] read = [.. answer.ContentTokenLogProbabilities.SelectMany(token => token.Utf8Bytes?.ToArray() ?? [])];
        Assert.Equal(answer.Content[0].Text, System.Text.Encoding.UTF8.GetString(read));
    }

    [Fact]
    public async Task JSON_that_is_asked_for_is_JSON()
    {
        var answer = (await Chat().CompleteChatAsync(
            [new UserChatMessage("Give me JSON with the keys name and age for Anna, 31.")], Steady, Token)).Value;
        using var json = JsonDocument.Parse(answer.Content[0].Text);
        Assert.Equal(
            ("Anna", 31), (json.RootElement.GetProperty("name").GetString(), json.RootElement.GetProperty("age").GetInt32()));
    }

    [Fact]
    public async Task The_client_for_JavaScript_asks_without_naming_a_model()
    {
        var answers = await NpmClient.RunAsync(Server.Address, "guide");
        Assert.Contains("Tokyo", answers.GetProperty("whole").GetString(), StringComparison.Ordinal);
        Assert.Contains("Tokyo", answers.GetProperty("streamed").GetString(), StringComparison.Ordinal);
        Assert.Equal(BuiltInModel.Id, answers.GetProperty("model").GetString());
    }

    private static ChatCompletionOptions Steady => new() { Temperature = 0 };

    private ChatClient Chat() => new OpenAIClient(
        new ApiKeyCredential("unused"),
        new OpenAIClientOptions { Endpoint = new Uri(Server.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) })
        .GetChatClient(BuiltInModel.Id);
}
