using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Conversations.Storage;

namespace Causerie.Conversations.Turns;

/// <summary>Has answers written in the background and keeps them, so that no page must stay open.</summary>
/// <remarks>At most one answer is written in each conversation at a time; many conversations write at once.</remarks>
public sealed class TurnRunner(Sqlite storage, IChatModel model, TimeProvider time, TurnOptions? options = null)
    : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Turn> _running = [];
    private readonly TurnOptions _options = options ?? new TurnOptions();
    private bool _closed;

    /// <summary>The answer being written in that conversation now, if there is one.</summary>
    public Turn? Running(string conversation)
    {
        lock (_gate)
            return _running.GetValueOrDefault(conversation);
    }

    /// <summary>The conversations in which an answer is being written now.</summary>
    public ImmutableHashSet<string> RunningIn()
    {
        lock (_gate)
            return [.. _running.Keys];
    }

    /// <summary>Begins a conversation with a first question and has it answered.</summary>
    public (Conversation Conversation, Turn Turn) Begin(string text, ConversationSettings settings)
    {
        RequireText(text);
        var conversation = storage.Create(Titles.From(text), settings);
        return (conversation, Ask(conversation.Id, text));
    }

    /// <summary>Says something at the end of the branch on show and has it answered.</summary>
    /// <exception cref="ChatException">An answer is being written there, the text is empty, or it is not there.</exception>
    public Turn Ask(string conversation, string text)
    {
        RequireText(text);
        return Start(conversation, tree => storage.Add(
            conversation, storage.Add(conversation, tree.Leaf, ChatRole.User, text, MessageState.Complete).Id,
            ChatRole.Assistant, "", MessageState.Writing));
    }

    /// <summary>Says something in other words: a sibling of that message, with an answer of its own.</summary>
    /// <inheritdoc cref="Ask" path="/exception"/>
    public Turn Reword(string conversation, long message, string text)
    {
        RequireText(text);
        return Start(conversation, tree =>
        {
            var old = Require(tree, message, ChatRole.User);
            var reworded = storage.Add(conversation, old.Parent, ChatRole.User, text, MessageState.Complete);
            return storage.Add(conversation, reworded.Id, ChatRole.Assistant, "", MessageState.Writing);
        });
    }

    /// <summary>Answers once more: a sibling of that answer; or a first time, where a question has none.</summary>
    /// <inheritdoc cref="Ask" path="/exception"/>
    public Turn AnswerAgain(string conversation, long message) => Start(conversation, tree =>
    {
        var at = Require(tree, message);
        long? parent = at.Role == ChatRole.User ? at.Id : at.Parent;
        return storage.Add(conversation, parent, ChatRole.Assistant, "", MessageState.Writing);
    });

    /// <summary>Goes on with an answer that was stopped, interrupted or cut short; what comes is put at its end.</summary>
    /// <param name="conversation">Where it is.</param>
    /// <param name="message">The answer.</param>
    /// <param name="nudge">What the model is told, as if a person said it; it is not kept.</param>
    /// <inheritdoc cref="Ask" path="/exception"/>
    public Turn GoOn(string conversation, long message, string nudge) => Start(conversation, tree =>
    {
        var answer = Require(tree, message, ChatRole.Assistant);
        if (answer.State == MessageState.Complete)
            throw ChatException.Invalid("This answer is complete; there is nothing to go on with.");
        storage.Resume(answer);
        return answer with { State = MessageState.Writing, Failure = null };
    }, nudge);

    /// <summary>Shows another version of a message, with the talk that follows it.</summary>
    public void Show(string conversation, long message)
    {
        if (storage.Tree(conversation) is { } tree && tree.Find(message) is not null)
            storage.Show(conversation, tree.LeafUnder(message));
    }

    /// <summary>Removes a conversation; an answer being written in it is stopped first.</summary>
    public async Task DeleteAsync(string conversation)
    {
        if (Running(conversation) is { } turn)
        {
            turn.Stop();
            await turn.Completion;
        }

        storage.Delete(conversation);
    }

    /// <summary>Interrupts all answers, keeps what was written of them, and starts no more.</summary>
    public async ValueTask DisposeAsync()
    {
        Turn[] running;
        lock (_gate)
        {
            _closed = true;
            running = [.. _running.Values];
        }

        foreach (var turn in running)
            turn.ShutDown();
        await Task.WhenAll(running.Select(t => t.Completion));
    }

    private Turn Start(string conversation, Func<MessageTree, Message> answer, string? nudge = null)
    {
        lock (_gate)
        {
            if (_closed)
                throw new ChatException(ChatErrorKind.Unavailable, "The program is about to end.");
            if (_running.ContainsKey(conversation))
                throw ChatException.Invalid("An answer is being written in this conversation; stop it first.");
            var tree = storage.Tree(conversation)
                ?? throw ChatException.Invalid("This conversation is not there any more.", "conversation");
            var message = answer(tree);
            var turn = new Turn(storage, time, _options, message);
            _running.Add(conversation, turn);
            turn.Start(model, () => Request(message, nudge), () =>
            {
                lock (_gate)
                    _running.Remove(conversation);
            });
            return turn;
        }
    }

    private ChatRequest Request(Message answer, string? nudge)
    {
        var conversation = storage.Find(answer.Conversation)!;
        var settings = conversation.Settings;
        var path = new MessageTree(storage.Messages(answer.Conversation), null).PathTo(answer.Parent);
        var messages = ImmutableArray.CreateBuilder<ChatMessage>();
        if (settings.SystemPrompt is { } instructions)
            messages.Add(new ChatMessage(ChatRole.System, instructions));
        foreach (var message in path)
            Add(message.Role, message.Text);
        Add(ChatRole.Assistant, answer.Text);
        if (answer.Text.Length > 0 && nudge is not null)
            Add(ChatRole.User, nudge);
        return new ChatRequest
        {
            Model = settings.Model ?? model.Models.FirstOrDefault(card => card.Chats)?.Id
                ?? throw new ChatException(ChatErrorKind.ModelNotFound, "No model is loaded."),
            Messages = messages.ToImmutable(),
            Client = _options.Client,
            Scope = _options.Scope,
            Sampling = SamplingOptions.ModelDefault with { Temperature = settings.Temperature },
        };

        // An answer that failed before its first word leaves two questions in a row, which many templates refuse:
        // they are asked as one.
        void Add(ChatRole role, string text)
        {
            if (text.Length == 0)
                return;
            if (messages.Count > 0 && messages[^1].Role == role)
                messages[^1] = messages[^1] with { Text = messages[^1].Text + "\n\n" + text };
            else
                messages.Add(new ChatMessage(role, text));
        }
    }

    private static Message Require(MessageTree tree, long message, ChatRole? role = null) =>
        tree.Find(message) is { } found && (role ?? found.Role) == found.Role
            ? found
            : throw ChatException.Invalid("This message is not there any more.", "message");

    private static void RequireText(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw ChatException.Invalid("There is nothing to answer: the message is empty.", "text");
    }
}
