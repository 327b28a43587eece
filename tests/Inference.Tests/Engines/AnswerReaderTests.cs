using Causerie.Chat;
using Causerie.Tests;

namespace Causerie.Inference.Tests.Engines;

/// <summary>Tokens become events: calls in pieces, one or several, cut or whole.</summary>
public sealed class AnswerReaderTests : IDisposable
{
    private const string First = "<tool_call>\n[{\"name\": \"f\", \"arguments\": {\"a\": \"stop\"}}";
    private const string Both = First + ", {\"name\": \"f\", \"arguments\": {\"b\": 2}}]\n</tool_call>";

    private readonly string _path = TinyModel.Write();
    private readonly LoadedModel _model;

    public AnswerReaderTests() => _model = LoadedModel.Load(_path);

    public void Dispose()
    {
        _model.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public void Arguments_come_with_the_tokens_that_write_them()
    {
        var (calls, reason, _) = Read(Both, FinishReason.Stop, parallel: true);
        Assert.Equal(["{\"a\": \"stop\"}", "{\"b\": 2}"], Arguments(calls));
        Assert.Equal(["f ", "f "], calls.Where(call => call.Name is not null).Select(call => $"{call.Name} {call.Arguments}"));
        Assert.Equal(2, calls.Where(call => call.Id is not null).Select(call => call.Id).Distinct().Count());
        Assert.True(calls.Count > 8, "in pieces");
        Assert.Equal(FinishReason.ToolCalls, reason);
    }

    [Fact]
    public void Of_several_calls_one_is_told_where_one_is_asked_and_the_answer_ends_behind_all()
    {
        var (calls, reason, left) = Read(Both + " more", FinishReason.Length, parallel: false);
        Assert.Equal(["{\"a\": \"stop\"}"], Arguments(calls));
        Assert.Equal((FinishReason.ToolCalls, " more".Length), (reason, left));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_call_that_is_cut_says_so(bool parallel)
    {
        string cut = First[..^4];
        var (calls, reason, _) = Read(cut, FinishReason.Length, parallel);
        Assert.Equal(["{\"a\": \"sto"], Arguments(calls));
        Assert.Equal(FinishReason.Length, reason);
        Assert.Equal(FinishReason.ToolCalls, Read(cut, FinishReason.Stop, parallel).Reason);
    }

    private static List<string> Arguments(List<ChatToolCall> calls) =>
        [.. calls.GroupBy(call => call.Index).Select(call => string.Concat(call.Select(piece => piece.Arguments)))];

    private (List<ChatToolCall> Calls, FinishReason Reason, int Left) Read(string text, FinishReason reason, bool parallel)
    {
        var request = new ChatRequest
        {
            Model = "tiny",
            Messages = [new ChatMessage(ChatRole.User, "Hi")],
            Tools = [new ChatTool("f", "{}")],
            ParallelToolCalls = parallel,
        };
        // A stop text ends content; within a call it is a text like any other.
        var reader = new AnswerReader(_model, AnswerPlan.Of(_model, request, DateTime.UnixEpoch), ["stop"]);
        var events = new List<ChatEvent>();
        var tokens = new Queue<int>(_model.Tokenizer.Encode(text));
        while (!reader.Ended && tokens.TryDequeue(out int token))
            reader.Add(new GeneratedToken(token), events);
        if (!reader.Ended)
            reader.Finish(events);
        Assert.All(events, one => Assert.IsType<ChatToolCall>(one));
        return ([.. events.OfType<ChatToolCall>()], reader.Reason(reader.Ended ? FinishReason.Stop : reason), _model.Tokenizer.Decode([.. tokens]).Length);
    }
}
