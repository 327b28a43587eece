using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Conversations;
using Causerie.Conversations.Turns;

namespace Causerie.Web.State;

/// <summary>All that one rendering of the page shows, read at one moment.</summary>
public sealed record PageView
{
    public required Visitor Visitor { get; init; }
    public required AssetFiles Files { get; init; }
    public required IReadOnlyList<ModelCard> Models { get; init; }
    public required ImmutableArray<ModelLoad> Loading { get; init; }
    public ModelShelf? Shelf { get; init; }

    /// <summary>The list, newest first, narrowed by <see cref="Query"/>.</summary>
    public IReadOnlyList<Conversation> List { get; init; } = [];
    public string Query { get; init; } = "";
    public ImmutableHashSet<string> RunningIn { get; init; } = [];

    /// <summary>Now, in the time of this machine.</summary>
    public required DateTimeOffset Now { get; init; }
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>The conversation on show; null for a new one.</summary>
    public Conversation? Conversation { get; init; }
    public MessageTree? Tree { get; init; }

    /// <summary>The answer being written in it.</summary>
    public TurnView? Turn { get; init; }

    /// <summary>What is asked for is not there.</summary>
    public bool Gone { get; init; }

    public Words Words => Visitor.Words;

    /// <summary>What the next answer is made with.</summary>
    public required ConversationSettings Settings { get; init; }

    /// <summary>The model that will answer; null where none can.</summary>
    public ModelCard? Answers => Settings.Model is { } id
        ? Models.FirstOrDefault(m => m.Id == id)
        : Models is [var first, ..] ? first : null;

    /// <summary>Changes whenever the messages on show do, but not while an answer grows.</summary>
    public string Stamp => Tree is null ? "" : Stamps.Of(Tree.Branch.Select(m => Stamps.Of(this, m)));
}
