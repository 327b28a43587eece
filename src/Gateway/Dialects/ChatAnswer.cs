using System.Collections.Immutable;
using System.Text;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects;

/// <summary>A whole answer, gathered from its events, for callers that do not stream.</summary>
public sealed record ChatAnswer(ChatStarted Started, string Text, ChatFinished Finished)
{
    /// <summary>What the model thought before.</summary>
    public string Thinking { get; init; } = "";

    /// <summary>The calls that it made.</summary>
    public ImmutableArray<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>The tokens of the text, where they were asked for.</summary>
    public ImmutableArray<TokenLogProb> LogProbs { get; init; } = [];

    /// <summary>Reads the events of several answers to their end.</summary>
    /// <exception cref="ChatException">A model failed, or ended its events without finishing its answer.</exception>
    public static async Task<ImmutableArray<ChatAnswer>> CollectAsync(
        IAsyncEnumerable<(int Choice, ChatEvent Event)> events, int count, CancellationToken cancellationToken)
    {
        AnswerBuilder[] answers = [.. Enumerable.Range(0, count).Select(_ => new AnswerBuilder())];
        await foreach (var (choice, chatEvent) in events.WithCancellation(cancellationToken))
            answers[choice].Add(chatEvent);
        return [.. answers.Select(answer => answer.ToAnswer())];
    }
}

/// <summary>Gathers the events of one answer.</summary>
public sealed class AnswerBuilder
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _thinking = new();
    private readonly List<(string Id, string Name, StringBuilder Arguments)> _calls = [];
    private readonly ImmutableArray<TokenLogProb>.Builder _logProbs = ImmutableArray.CreateBuilder<TokenLogProb>();
    private ChatStarted? _started;
    private ChatFinished? _finished;

    /// <summary>Takes the next event.</summary>
    public void Add(ChatEvent chatEvent)
    {
        switch (chatEvent)
        {
            case ChatStarted started:
                _started = started;
                break;
            case ChatThinking thought:
                _thinking.Append(thought.Text);
                break;
            case ChatText piece:
                _text.Append(piece.Text);
                _logProbs.AddRange(piece.LogProbs);
                break;
            case ChatToolCall call:
                if (call.Name is { } name)
                    _calls.Add((call.Id ?? "", name, new StringBuilder()));
                _calls[call.Index].Arguments.Append(call.Arguments);
                break;
            case ChatFinished finished:
                _finished = finished;
                break;
        }
    }

    /// <summary>The whole.</summary>
    /// <exception cref="ChatException">The answer has not finished.</exception>
    public ChatAnswer ToAnswer() => _started is null || _finished is null
        ? throw new ChatException(ChatErrorKind.Internal, "The model stopped without finishing its answer.")
        : new ChatAnswer(_started, _text.ToString(), _finished)
        {
            Thinking = _thinking.ToString(),
            ToolCalls = [.. _calls.Select(call => new ToolCall(call.Id, call.Name, call.Arguments.ToString()))],
            LogProbs = _logProbs.ToImmutable(),
        };
}
