using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Causerie.Chat;

namespace Causerie.Tests;

/// <summary>A model that says what a test tells it to, and records what it was asked and whether it was stopped.</summary>
/// <remarks>Lives in its own folder because only test projects that see Chat can compile it; they link it by name.</remarks>
internal sealed class ScriptedModel(string id, params string[] pieces) : IChatModel
{
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Replaces the whole script; otherwise the pieces are said one by one.</summary>
    public Func<ChatRequest, CancellationToken, IAsyncEnumerable<ChatEvent>>? Script { get; init; }

    /// <summary>Waited for before each piece.</summary>
    public Func<int, CancellationToken, Task>? BeforePiece { get; init; }

    /// <summary>Thrown in place of the event with this number; 0 is ChatStarted.</summary>
    public (int At, Exception Failure)? Fails { get; init; }

    public FinishReason Reason { get; init; } = FinishReason.Stop;

    public int PromptTokens { get; init; } = 7;

    /// <summary>Every request so far.</summary>
    public ConcurrentQueue<ChatRequest> Requests { get; } = new();

    /// <summary>Completes when an answer has begun.</summary>
    public Task Began => _began.Task;

    /// <summary>Completes when an answer was cancelled or its enumeration left before the end.</summary>
    public Task Stopped => _stopped.Task;

    public IReadOnlyList<ModelCard> Models { get; } =
        [new ModelCard(id, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), "causerie")];

    public async IAsyncEnumerable<ChatEvent> StreamAsync(
        ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Requests.Enqueue(request);
        bool whole = false;
        try
        {
            int at = 0;
            await foreach (var chatEvent in (Script ?? Say)(request, cancellationToken)
                .WithCancellation(cancellationToken))
            {
                if (Fails is { } fails && fails.At == at++)
                    throw fails.Failure;
                _began.TrySetResult();
                yield return chatEvent;
            }

            whole = true;
        }
        finally
        {
            if (!whole)
                _stopped.TrySetResult();
        }
    }

    private async IAsyncEnumerable<ChatEvent> Say(
        ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new ChatStarted(request.Model, "fp_scripted");
        int said = 0;
        var reason = Reason;
        foreach (string piece in pieces)
        {
            if (said == request.MaxTokens)
            {
                reason = FinishReason.Length;
                break;
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (BeforePiece is not null)
                await BeforePiece(said, cancellationToken);
            said++;
            yield return new ChatText(piece);
        }

        yield return new ChatFinished(reason, new TokenUsage(PromptTokens, said));
    }
}
