using System.Collections.Immutable;

namespace Causerie.Conversations;

/// <summary>The messages of one conversation as a tree, and the branch of it that is on show.</summary>
/// <remarks>
/// Asking again makes a sibling of the answer, rewording makes a sibling of the question; nothing is ever overwritten,
/// so one can step between the versions of each message.
/// </remarks>
public sealed class MessageTree
{
    private readonly Dictionary<long, Message> _byId;
    private readonly ILookup<long, Message> _children;

    /// <summary>Builds the tree; the branch on show ends at <paramref name="leaf"/>, or at the newest message.</summary>
    public MessageTree(IEnumerable<Message> messages, long? leaf)
    {
        _byId = messages.ToDictionary(m => m.Id);
        // Ids start at 1, so that 0 stands for the root in the lookup.
        _children = _byId.Values.OrderBy(m => m.Id).ToLookup(m => m.Parent ?? 0);
        Leaf = leaf is { } id && _byId.ContainsKey(id) ? id : _byId.Count == 0 ? null : _byId.Keys.Max();
        Branch = PathTo(Leaf);
    }

    /// <summary>The last message of the branch on show.</summary>
    public long? Leaf { get; }

    /// <summary>The messages on show, oldest first.</summary>
    public ImmutableArray<Message> Branch { get; }

    /// <summary>The message with that id, if it is in this conversation.</summary>
    public Message? Find(long id) => _byId.GetValueOrDefault(id);

    /// <summary>The messages from the first one down to <paramref name="id"/>.</summary>
    public ImmutableArray<Message> PathTo(long? id)
    {
        var path = new Stack<Message>();
        while (id is { } at && _byId.TryGetValue(at, out var message) && path.Count < _byId.Count)
        {
            path.Push(message);
            id = message.Parent;
        }

        return [.. path];
    }

    /// <summary>All versions of a message, oldest first, itself among them.</summary>
    public ImmutableArray<Message> VersionsOf(Message message) => [.. _children[message.Parent ?? 0]];

    /// <summary>The leaf to show after stepping to a message: the newest end of the talk that follows it.</summary>
    public long LeafUnder(long id)
    {
        while (_children[id].LastOrDefault() is { } child)
            id = child.Id;
        return id;
    }
}
