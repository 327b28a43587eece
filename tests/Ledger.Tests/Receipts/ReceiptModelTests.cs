using Causerie.Chat;
using Causerie.Ledger.Receipts;
using Causerie.Tests;

namespace Causerie.Ledger.Tests.Receipts;

/// <summary>Who asks gets a receipt, who does not gets none, and nobody gets an answer that lacks the one asked for.</summary>
public sealed class ReceiptModelTests : IDisposable
{
    private static readonly ChatRequest Plain = new() { Model = "m", Messages = [new ChatMessage(ChatRole.User, "Hi")] };

    private readonly string _folder = Directory.CreateTempSubdirectory("causerie-receipts-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false, false, 0)]
    [InlineData(true, false, 1)]
    [InlineData(false, true, 1)]
    [InlineData(true, true, 1)]
    public async Task Those_asked_for_are_kept_or_all(bool asked, bool all, int kept)
    {
        var store = new ReceiptStore(_folder);
        var model = new ReceiptModel(Local(), store, all, TimeProvider.System);
        var events = await Events(model, Plain with { Receipt = asked });
        var finished = Assert.IsType<ChatFinished>(events[^1]);
        Assert.Null(finished.Trace);
        Assert.Equal(kept, Directory.GetFiles(_folder).Length);
        Assert.Equal(kept == 1, finished.ReceiptId is not null);
        if (finished.ReceiptId is not { } id)
            return;
        var receipt = ReceiptReader.Read(await store.FindAsync(id, Token));
        Assert.Equal(("real-name", "one two", Plain.Messages[0]), (receipt.Model, receipt.Text, receipt.Messages[0]));
    }

    [Fact]
    public async Task A_model_elsewhere_cannot_give_one()
    {
        var model = new ReceiptModel(new ScriptedModel("m", "text"), new ReceiptStore(_folder), all: true, TimeProvider.System);
        Assert.Null(Assert.IsType<ChatFinished>((await Events(model, Plain))[^1]).ReceiptId);
        var refusal = await Assert.ThrowsAsync<ChatException>(() => Events(model, Plain with { Receipt = true }));
        Assert.Equal((ChatErrorKind.Unsupported, "receipt"), (refusal.Kind, refusal.Field));
    }

    [Fact]
    public async Task Without_a_folder_it_is_refused_before_the_first_token()
    {
        var inner = Local();
        var model = new ReceiptModel(inner, null, all: true, TimeProvider.System);
        Assert.Null(Assert.IsType<ChatFinished>((await Events(model, Plain))[^1]).ReceiptId);
        var refusal = await Assert.ThrowsAsync<ChatException>(() => Events(model, Plain with { Receipt = true }));
        Assert.Equal((ChatErrorKind.Unsupported, "receipt"), (refusal.Kind, refusal.Field));
        Assert.Single(inner.Requests);
    }

    [Fact]
    public async Task A_receipt_that_cannot_be_kept_fails_the_answer()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        var model = new ReceiptModel(Local(), new ReceiptStore(Path.Combine(file, "x")), all: true, TimeProvider.System);
        var refusal = await Assert.ThrowsAsync<ChatException>(() => Events(model, Plain));
        Assert.Contains("could not be kept", refusal.Message);
    }

    private static ScriptedModel Local() => new("m")
    {
        Script = (request, _) => Say(
            new ChatStarted("real-name", null), new ChatText("one "), new ChatText("two"),
            new ChatFinished(FinishReason.Stop, new TokenUsage(3, 2)) { Trace = request.Receipt ? Samples.Trace : null }),
    };

    private static async IAsyncEnumerable<ChatEvent> Say(params ChatEvent[] events)
    {
        await Task.Yield();
        foreach (var step in events)
            yield return step;
    }

    private static async Task<List<ChatEvent>> Events(ReceiptModel model, ChatRequest request)
    {
        var events = new List<ChatEvent>();
        await foreach (var step in model.StreamAsync(request, Token))
            events.Add(step);
        return events;
    }
}
