using Causerie.Chat;
using Causerie.Conversations;
using Causerie.Conversations.Storage;
using Causerie.Conversations.Turns;

namespace Causerie.Web.State;

/// <summary>Reads what a page shows from the conversations, the running answers and the models.</summary>
internal sealed class PageReader(
    Sqlite storage, TurnRunner turns, IChatModel model, AssetFiles files, TimeProvider time, ModelShelf? shelf = null)
{
    /// <summary>How many lines the list has; older conversations are found by search.</summary>
    public const int LongestList = 300;

    public PageView Read(Visitor visitor, string? conversation = null, string query = "", bool withList = true)
    {
        // The turn is read before the tree, so that a message that the tree still calls unfinished has its turn here.
        var turn = conversation is null ? null : turns.Running(conversation)?.View();
        var found = conversation is null ? null : storage.Find(conversation);
        var tree = found is null ? null : new MessageTree(storage.Messages(found.Id), found.Leaf);
        ModelCard[] models = [.. model.Models.Where(card => card.Chats)];
        return new PageView
        {
            Visitor = visitor,
            Files = files,
            Models = models,
            Shelf = shelf,
            Loading = shelf?.Loading() ?? [],
            List = !withList ? [] : query.Length > 0 ? storage.Search(query, LongestList) : storage.List(LongestList),
            Query = query,
            RunningIn = turns.RunningIn(),
            Now = time.GetLocalNow(),
            Zone = time.LocalTimeZone,
            Conversation = found,
            Tree = tree,
            Turn = turn is { Ended: false } && tree?.Find(turn.Message)?.State == MessageState.Writing ? turn : null,
            Gone = conversation is not null && found is null,
            Settings = found?.Settings ?? ConversationSettings.Default with { Model = LastUsed(models) },
        };
    }

    // A new conversation begins with the model of the last one, while that is here.
    private string? LastUsed(IReadOnlyList<ModelCard> models) =>
        storage.List(1) is [{ Settings.Model: { } last }] && models.Any(m => m.Id == last) ? last : null;
}
