using System.Collections.Concurrent;
using Causerie.Chat;

namespace Causerie.Tests;

/// <summary>A model that gives each input a vector that tells which one it was, and records what it was asked.</summary>
internal sealed class ScriptedEmbedder(string id, int width = 3) : IChatModel, IEmbeddingModel
{
    /// <summary>Every request so far.</summary>
    public ConcurrentQueue<EmbeddingRequest> Requests { get; } = new();

    /// <summary>Waited for before each answer.</summary>
    public Func<CancellationToken, Task>? Before { get; init; }

    public IReadOnlyList<ModelCard> Models { get; } =
        [new ModelCard(id, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), "causerie")];

    /// <summary>[width] of the input that is the index-th: 1/3, its number, then its length over and over.</summary>
    public static float[] Vector(EmbeddingInput input, int index, int width) =>
        [.. Enumerable.Range(0, width).Select(i => i == 0 ? 1f / 3 : i == 1 ? index : Length(input) + 0.5f)];

    public async Task<EmbeddingAnswer> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken)
    {
        Requests.Enqueue(request);
        if (Before is not null)
            await Before(cancellationToken);
        if (request.Dimensions > width)
            throw ChatException.Invalid($"dimensions must be at most {width}.", "dimensions");
        return new EmbeddingAnswer(
            id,
            [.. request.Inputs.Select((input, i) => (ReadOnlyMemory<float>)Vector(input, i, request.Dimensions ?? width))],
            request.Inputs.Sum(Length));
    }

    public IAsyncEnumerable<ChatEvent> StreamAsync(ChatRequest request, CancellationToken cancellationToken) =>
        throw new ChatException(ChatErrorKind.Unsupported, $"The model '{id}' does not write.", "model");

    private static int Length(EmbeddingInput input) => input.Text?.Length ?? input.Tokens.Length;
}
