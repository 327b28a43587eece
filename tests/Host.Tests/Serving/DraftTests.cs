using Causerie.Chat;
using Causerie.Host.Models;
using Causerie.Inference;
using Causerie.Tests;

namespace Causerie.Host.Tests.Serving;

/// <summary>A draft model serves those whose tokens it has, and the others are served without it.</summary>
public sealed class DraftTests : IDisposable
{
    private readonly string _model = TinyModel.Write();
    private readonly string _draft = TinyModel.Write(seed: 2);
    private readonly List<string> _said = [];

    [Fact]
    public async Task An_answer_is_the_same_with_a_draft_model_as_without()
    {
        Assert.Equal(await AnswerAsync(null), await AnswerAsync(_draft));
        Assert.DoesNotContain(_said, line => line.Contains("draft", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_draft_model_with_other_tokens_is_left_out_and_that_is_said()
    {
        string text = await AnswerAsync(null);
        byte[] bytes = await File.ReadAllBytesAsync(_draft, TestContext.Current.CancellationToken);
        var end = "<|im_end|>"u8;
        for (int at; (at = bytes.AsSpan().IndexOf(end)) >= 0;)
            "<|im_fin|>"u8.CopyTo(bytes.AsSpan(at));
        await File.WriteAllBytesAsync(_draft, bytes, TestContext.Current.CancellationToken);
        Assert.Equal(text, await AnswerAsync(_draft));
        string said = Assert.Single(_said, line => line.Contains("draft model", StringComparison.Ordinal));
        Assert.Contains("is another than that of", said, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        File.Delete(_model);
        File.Delete(_draft);
    }

    private async Task<string> AnswerAsync(string? draft)
    {
        var stop = TestContext.Current.CancellationToken;
        var models = new LocalModels(new LoadOptions(), new EngineOptions(), TimeProvider.System, _said.Add, draft);
        var model = await models.LoadAsync("tiny", _model, new Progress<LoadProgress>(), stop);
        await using var disposed = (IAsyncDisposable)model;
        var request = new ChatRequest
        {
            Model = "tiny",
            Messages = [new ChatMessage(ChatRole.User, "Once upon a time, once upon a time")],
            MaxTokens = 60,
            Sampling = SamplingOptions.Greedy,
        };
        var text = new System.Text.StringBuilder();
        await foreach (var step in model.StreamAsync(request, stop))
            if (step is ChatText piece)
                text.Append(piece.Text);
        return text.ToString();
    }
}
