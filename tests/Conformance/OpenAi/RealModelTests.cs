using System.ClientModel;
using System.ClientModel.Primitives;
using Causerie.Chat;
using Causerie.Host.Models;
using Causerie.Host.Serving;
using Causerie.Inference;
using Causerie.Tests;
using OpenAI;
using OpenAI.Chat;

namespace Causerie.Conformance.OpenAi;

/// <summary>The official clients against the server with a model that really computes.</summary>
public sealed class RealModelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_that_the_test_writes_answers_whole_and_streamed_alike()
    {
        using var folder = new ScratchFolder();
        string file = TinyModel.Write(Path.Combine(folder.Path, "m.gguf"));
        await AnswersAlike(file, "m");
    }

    [Fact]
    public Task The_trained_model_answers_whole_and_streamed_alike() =>
        AnswersAlike(ConformanceData.Require("weights/stories260K.gguf"), "stories260K");

    [Fact]
    public async Task The_client_for_JavaScript_chats_and_streams_with_it()
    {
        using var folder = new ScratchFolder();
        await using var library = Library();
        library.Add(TinyModel.Write(Path.Combine(folder.Path, "m.gguf")));
        await using var server = await TestServer.StartAsync(new ServerOptions(), library);
        var whole = (await NpmClient.RunAsync(server.Address, "chat")).GetProperty("answer");
        Assert.InRange(whole.GetProperty("usage").GetProperty("completion_tokens").GetInt32(), 1, TinyModel.Context);
        var final = (await NpmClient.RunAsync(server.Address, "accumulate")).GetProperty("final");
        Assert.Contains(final.GetProperty("choices")[0].GetProperty("finish_reason").GetString(), (string[])["stop", "length"]);
    }

    [Fact]
    public async Task A_prompt_that_does_not_fit_is_an_error_and_not_cut()
    {
        using var folder = new ScratchFolder();
        await using var library = Library();
        library.Add(TinyModel.Write(Path.Combine(folder.Path, "m.gguf")));
        await using var server = await TestServer.StartAsync(new ServerOptions(), library);
        string text = new('x', 3 * TinyModel.Context);
        var response = await server.PostAsync(new { model = "m", messages = new[] { new { role = "user", content = text } } });
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("context_length_exceeded", (await TestServer.ErrorAsync(response)).Code);
    }

    private static ModelLibrary Library() => new((id, file, _, _) => Task.FromResult<IChatModel>(
        new LocalModel(LoadedModel.Load(file, new LoadOptions { Id = id }))));

    private static async Task AnswersAlike(string file, string id)
    {
        await using var library = Library();
        Assert.Equal(id, library.Add(file));
        await using var server = await TestServer.StartAsync(new ServerOptions(), library);
        var chat = new OpenAIClient(
            new ApiKeyCredential("unused"),
            new OpenAIClientOptions { Endpoint = new Uri(server.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) })
            .GetChatClient(id);
        var options = new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 24 };
        OpenAI.Chat.ChatMessage[] messages = [new UserChatMessage("Tell me a story.")];

        var whole = (await chat.CompleteChatAsync(messages, options, Token)).Value;
        var updates = await chat.CompleteChatStreamingAsync(messages, options, Token).ToListAsync(Token);

        string streamed = string.Concat(updates.SelectMany(update => update.ContentUpdate).Select(part => part.Text));
        Assert.Equal(whole.Content.Count == 0 ? "" : whole.Content[0].Text, streamed);
        var usage = updates.Select(update => update.Usage).OfType<ChatTokenUsage>().Single();
        Assert.Equal(
            (whole.Usage.InputTokenCount, whole.Usage.OutputTokenCount), (usage.InputTokenCount, usage.OutputTokenCount));
        Assert.InRange(usage.OutputTokenCount, 1, 24);
        Assert.Equal(id, whole.Model);
        Assert.NotEmpty(whole.SystemFingerprint);
    }
}
