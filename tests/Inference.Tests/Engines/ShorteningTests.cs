using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Tests;

namespace Causerie.Inference.Tests.Engines;

/// <summary>What goes where a conversation does not fit: whole turns, the oldest first, and never a result alone.</summary>
public sealed class ShorteningTests
{
    // One letter for each message: what it is, and ten tokens.
    private const string Talk = "s u a u a u";

    [Theory]
    [InlineData(Talk, 79, "s u a u a u")] // 60, and 19 for the answer
    [InlineData(Talk, 78, "s u a u")]
    [InlineData(Talk, 54, "s u a u")]
    [InlineData(Talk, 52, "s u")]
    [InlineData(Talk, 10, "s u")] // nothing more may go
    [InlineData("s d u a u d u", 68, "s d u d u")] // instructions stay wherever they stand
    [InlineData("a u a u", 40, "u a u")]
    [InlineData("u u u a u", 40, "u a u")]
    [InlineData("u a u c1 t1 c2 t2 c3 t3", 67, "u c2 t2 c3 t3")]
    [InlineData("u a u c1 t1 c2 t2 c3 t3", 40, "u c3 t3")]
    [InlineData("u a u c1 t1 c2 t2 c3 t3", 20, "u c3 t3")] // the last step stays: it is what is answered
    [InlineData("u c1 c2 t1 t2 u", 50, "u")]
    [InlineData("u c1 u t1", 30, "u")] // a late result goes with its call
    [InlineData("u u c1 t1 a c1 t1", 40, "u c1 t1")] // calls of one name: the nearest is meant
    [InlineData("s", 5, "s")]
    [InlineData("a a a", 20, "a")]
    public void The_oldest_go(string messages, int context, string stay)
    {
        ImmutableArray<ChatMessage> all = [.. messages.Split(' ').Select(Message)];
        var (left, prompt) = Shortening.Of(Asking(all), context, Encode);
        Assert.Equal(stay, string.Join(' ', left.Select(Name)));
        Assert.Equal(Encode(Asking(left)).Length, prompt.Length);
        foreach (var result in left.Where(message => message.ToolCallId is not null))
            Assert.Contains(left.TakeWhile(one => one != result), one => one.ToolCalls.Any(call => call.Id == result.ToolCallId));
    }

    [Theory]
    [InlineData(5, 65)]
    [InlineData(50, 79)] // an answer claims no more than a quarter of the context
    [InlineData(null, 79)]
    public void Room_for_the_answer_is_kept(int? maxTokens, int least)
    {
        ImmutableArray<ChatMessage> all = [.. Talk.Split(' ').Select(Message)];
        Assert.Equal(all.Length, Shortening.Of(Asking(all) with { MaxTokens = maxTokens }, least, Encode).Messages.Length);
        Assert.Equal(all.Length - 2, Shortening.Of(Asking(all) with { MaxTokens = maxTokens }, least - 1, Encode).Messages.Length);
    }

    [Fact]
    public void The_least_that_helps_is_found_in_few_tries()
    {
        int tries = 0;
        ImmutableArray<ChatMessage> all = [.. Enumerable.Range(0, 2001).Select(i => Message(i % 2 == 0 ? "u" : "a"))];
        var (left, prompt) = Shortening.Of(Asking(all), 1000, one =>
        {
            tries++;
            return Encode(one);
        });
        Assert.Equal((75, 750), (left.Length, prompt.Length));
        Assert.InRange(tries, 2, 13);
    }

    [Fact]
    public async Task A_model_answers_what_is_left_and_says_so_in_its_trace()
    {
        string file = TinyModel.Write();
        await using (var model = new LocalModel(LoadedModel.Load(file, new LoadOptions { ContextLength = 256 })))
        {
            var wordy = new ChatMessage(ChatRole.User, new string('x', 200));
            ImmutableArray<ChatMessage> all =
            [
                new(ChatRole.System, "Be brief."), wordy, new(ChatRole.Assistant, "No."), wordy, new(ChatRole.Assistant, "No."),
                new(ChatRole.User, "Why?"),
            ];
            var request = new ChatRequest { Model = "tiny", Messages = all, MaxTokens = 3, Receipt = true };
            var refused = await Assert.ThrowsAsync<ChatException>(() => LastAsync(model, request));
            Assert.Equal(ChatErrorKind.ContextLengthExceeded, refused.Kind);
            Assert.Contains("256", refused.Message, StringComparison.Ordinal);

            var answered = await LastAsync(model, request with { DropsOldest = true });
            ImmutableArray<ChatMessage> left = [all[0], all[^1]];
            Assert.Equal(left.ToArray(), answered.Trace!.Messages!.Value.ToArray());
            int[] prompt = [.. answered.Trace.Prompt];
            Assert.Equal(model.PromptOf(request with { Messages = left }), prompt);
            Assert.Equal(model.PromptOf(request with { DropsOldest = true }), prompt);

            var whole = await LastAsync(model, request with { Messages = left, DropsOldest = true });
            Assert.Null(whole.Trace!.Messages);
            ImmutableArray<ChatMessage> tooLong = [new(ChatRole.User, new string('x', 300))];
            refused = await Assert.ThrowsAsync<ChatException>(() => LastAsync(model, request with { Messages = tooLong, DropsOldest = true }));
            Assert.Equal(ChatErrorKind.ContextLengthExceeded, refused.Kind);
        }

        File.Delete(file);
    }

    private static async Task<ChatFinished> LastAsync(LocalModel model, ChatRequest request)
    {
        ChatEvent? last = null;
        await foreach (var one in model.StreamAsync(request, TestContext.Current.CancellationToken))
            last = one;
        return Assert.IsType<ChatFinished>(last);
    }

    private static ChatRequest Asking(ImmutableArray<ChatMessage> messages) => new() { Model = "m", Messages = messages };

    private static int[] Encode(ChatRequest request) => new int[request.Messages.Length * 10];

    private static ChatMessage Message(string name) => name[0] switch
    {
        's' => new(ChatRole.System, name),
        'd' => new(ChatRole.Developer, name),
        'u' => new(ChatRole.User, name),
        'a' => new(ChatRole.Assistant, name),
        'c' => new(ChatRole.Assistant, name) { ToolCalls = [new ToolCall(name[1..], "f", "{}")] },
        _ => new(ChatRole.Tool, name) { ToolCallId = name[1..] },
    };

    private static string Name(ChatMessage message) => message.Text;
}
