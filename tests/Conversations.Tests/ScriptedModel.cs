using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Causerie.Chat;

namespace Causerie.Tests;

/// <summary>A model that answers what the test says, piece by piece, as fast or slow as the test wants.</summary>
internal sealed class ScriptedModel(Func<ChatRequest, IEnumerable<string>> script) : IChatModel
{
    private IReadOnlyList<ModelCard> _models =
        [new ModelCard("scripted", DateTimeOffset.UnixEpoch, "causerie") { Name = "Scripted" }];

    /// <summary>The answer to a request, in pieces.</summary>
    public Func<ChatRequest, IEnumerable<string>> Script { get; set; } = script;

    /// <summary>All that was asked, in order.</summary>
    public ConcurrentQueue<ChatRequest> Asked { get; } = new();

    /// <summary>Waited for before each piece; lets a test hold the model in the middle of an answer.</summary>
    public Func<int, CancellationToken, Task> BeforePiece { get; set; } = (_, _) => Task.CompletedTask;

    public FinishReason Finish { get; set; } = FinishReason.Stop;

    /// <summary>How fast it says that it wrote.</summary>
    public double TokensPerSecond { get; set; } = 31.4;

    /// <summary>What it thinks before the answer.</summary>
    public string[] Thoughts { get; set; } = [];

    /// <summary>Thrown instead of the end of the answer.</summary>
    public Exception? Death { get; set; }

    public IReadOnlyList<ModelCard> Models
    {
        get => Volatile.Read(ref _models);
        set => Volatile.Write(ref _models, value);
    }

    /// <summary>Holds each answer before that piece until the result is set.</summary>
    public TaskCompletionSource HoldAt(int piece)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        BeforePiece = (i, cancel) => i < piece ? Task.CompletedTask : gate.Task.WaitAsync(cancel);
        return gate;
    }

    public async IAsyncEnumerable<ChatEvent> StreamAsync(
        ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Asked.Enqueue(request);
        if (!Models.Any(m => m.Id == request.Model))
            throw new ChatException(ChatErrorKind.ModelNotFound, $"No model answers to {request.Model}.");
        yield return new ChatStarted(request.Model, null);
        yield return new ChatProgress(5, 10);
        yield return new ChatProgress(10, 10);
        foreach (string thought in Thoughts)
            yield return new ChatThinking(thought);
        int pieces = 0;
        foreach (string piece in Script(request))
        {
            await BeforePiece(pieces++, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ChatText(piece);
        }

        if (Death is not null)
            throw Death;
        yield return new ChatFinished(Finish, new TokenUsage(10, pieces)
        {
            PromptTime = TimeSpan.FromMilliseconds(20),
            CompletionTime = TimeSpan.FromSeconds(pieces / TokensPerSecond),
        });
    }
}
