using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Causerie.Chat;
using Causerie.Conversations.Storage;
using Causerie.Conversations.Turns;
using Causerie.Web.State;

namespace Causerie.Web.Chat;

/// <summary>What an open page is told: the words of an answer as they come, and what else changed.</summary>
/// <remarks>
/// Of an answer only the blocks that changed are sent, and no oftener than an eye can follow. A page that comes back
/// says what it shows (its stamp) and is told only if that is not what there is.
/// </remarks>
internal sealed class Live(
    Sqlite storage, TurnRunner turns, IChatModel model, PageReader reader, TimeProvider time, ModelShelf? shelf = null)
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    /// <summary>Events until the page goes away.</summary>
    public async IAsyncEnumerable<LiveEvent> Watch(
        Visitor visitor, string? conversation, string stamp,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = Channel.CreateUnbounded<LiveEvent>();
        var turnBegan = new SemaphoreSlim(0);
        void OnChange(Change change)
        {
            if (change.What == ChangeKind.Line)
                events.Writer.TryWrite(LiveEvent.List);
            else if (change.Conversation == conversation)
            {
                events.Writer.TryWrite(LiveEvent.Thread);
                turnBegan.Release();
            }
        }

        storage.Changed += OnChange;
        var workers = Task.WhenAll(
            conversation is null
                ? Task.CompletedTask
                : EndStream(FollowAnswers(visitor, conversation, turnBegan, events.Writer, leaving.Token)),
            EndStream(FollowModels(events.Writer, leaving.Token)));
        try
        {
            yield return LiveEvent.Hello;
            if (conversation is not null && reader.Read(visitor, conversation, withList: false).Stamp != stamp)
                yield return LiveEvent.Thread;
            await foreach (var e in events.Reader.ReadAllAsync(cancellationToken))
                yield return e;
        }
        finally
        {
            storage.Changed -= OnChange;
            await leaving.CancelAsync();
            await workers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            turnBegan.Dispose();
        }

        // A page whose stream breaks asks for another; one that is told nothing would wait for ever.
        async Task EndStream(Task worker)
        {
            await worker.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            events.Writer.TryComplete(worker.Exception?.InnerException);
        }
    }

    private async Task FollowAnswers(
        Visitor visitor, string conversation, SemaphoreSlim began, ChannelWriter<LiveEvent> events,
        CancellationToken cancel)
    {
        while (true)
        {
            if (turns.Running(conversation) is { } turn)
            {
                await FollowAnswer(visitor, conversation, turn, events, cancel);
                events.TryWrite(LiveEvent.Thread);
            }

            await began.WaitAsync(cancel);
        }
    }

    private async Task FollowAnswer(
        Visitor visitor, string conversation, Turn turn, ChannelWriter<LiveEvent> events, CancellationToken cancel)
    {
        var sent = ImmutableArray<SafeHtml>.Empty;
        var note = "";
        var view = turn.View();
        var page = reader.Read(visitor, conversation, withList: false);
        while (!view.Ended)
        {
            long begun = time.GetTimestamp();
            var blocks = Answer.Blocks(view.Text, true, visitor.Words);
            page = page with { Loading = view.Text.Length > 0 || shelf is null ? [] : shelf.Loading() };
            string says = LiveNote.Of(page, view);
            int keep = 0;
            while (keep < sent.Length && keep < blocks.Length && sent[keep] == blocks[keep])
                keep++;
            if (keep < sent.Length || keep < blocks.Length || says != note)
                events.TryWrite(LiveEvent.Answer(view.Message, keep, blocks[keep..], says));
            (sent, note) = (blocks, says);

            // A long answer takes longer to lay out; reading it must never eat more than a fifth of a core.
            var pause = time.GetElapsedTime(begun) * 4;
            await Task.Delay(pause > Frame ? pause : Frame, time, cancel);
            view = await Next(turn, view, cancel);
        }
    }

    // While a model loads there are no words to wait for, but there is something to tell.
    private async Task<TurnView> Next(Turn turn, TurnView view, CancellationToken cancel)
    {
        if (view.Text.Length > 0 || shelf is null)
            return await turn.NextAsync(view.Version, cancel);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var next = turn.NextAsync(view.Version, enough.Token);
        var first = await Task.WhenAny(next, Task.Delay(Pause(), time, cancel));
        if (first == next)
            return await next;
        await enough.CancelAsync();
        await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancel.ThrowIfCancellationRequested();
        return turn.View();
    }

    private async Task FollowModels(ChannelWriter<LiveEvent> events, CancellationToken cancel)
    {
        string seen = Models();
        string loads = Loads();
        while (true)
        {
            await Task.Delay(Pause(), time, cancel);
            string models = Models();
            if (models != seen)
                events.TryWrite(LiveEvent.Models(model.Models.Count(card => card.Chats)));
            string loading = Loads();
            if (loading != loads)
                events.TryWrite(LiveEvent.Loading);
            (seen, loads) = (models, loading);
        }
    }

    // A bar that moves once a second stutters; with nothing on its way there is little to see.
    private TimeSpan Pause() => shelf?.Loading().Any(load => load.Error is null) == true ? Glance : Look;

    private string Models() => string.Join('\n', model.Models.Where(card => card.Chats).Select(m => $"{m.Id}\t{m.Name}"));

    private string Loads() => shelf is null ? "" : string.Join('\n', shelf.Loading().Select(l => l.ToString()));
}

/// <summary>One event of the page's stream, as it goes over the wire.</summary>
internal sealed record LiveEvent(string Name, string Data)
{
    public static LiveEvent Hello { get; } = new("hello", "{}");

    /// <summary>The list of conversations changed.</summary>
    public static LiveEvent List { get; } = new("list", "{}");

    /// <summary>The messages of the conversation changed.</summary>
    public static LiveEvent Thread { get; } = new("thread", "{}");

    /// <summary>The models that are being loaded changed.</summary>
    public static LiveEvent Loading { get; } = new("loading", "{}");

    public static LiveEvent Models(int count) => new("models", JsonSerializer.Serialize(new { count }));

    /// <summary>The answer grew: its first <paramref name="keep"/> blocks stand, these come after them.</summary>
    public static LiveEvent Answer(long message, int keep, ImmutableArray<SafeHtml> blocks, string note) => new(
        "answer", JsonSerializer.Serialize(new { message, keep, blocks = blocks.Select(b => b.Html), note }));
}
