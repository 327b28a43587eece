using Causerie.Chat;
using Causerie.Inference.Embeddings;

namespace Causerie.Inference;

/// <summary>A model file that turns texts into vectors on this machine and does not write.</summary>
/// <param name="model">An encoder; disposed with this.</param>
/// <param name="options">Threads and limits; null takes the defaults.</param>
public sealed class LocalEncoder(LoadedModel model, EngineOptions? options = null) : IChatModel, IEmbeddingModel, IAsyncDisposable
{
    private readonly Embedder _embedder = new(model, options);

    /// <inheritdoc/>
    public IReadOnlyList<ModelCard> Models { get; } = [model.Card];

    /// <summary>The model.</summary>
    public LoadedModel Model { get; } = model;

    /// <inheritdoc/>
    /// <exception cref="ChatException">Always: an encoder does not write.</exception>
    public IAsyncEnumerable<ChatEvent> StreamAsync(ChatRequest request, CancellationToken cancellationToken) =>
        throw Model.DoesNotWrite();

    /// <inheritdoc/>
    public Task<EmbeddingAnswer> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken) =>
        _embedder.EmbedAsync(request, cancellationToken);

    /// <summary>Stops the embedder, then unmaps the model.</summary>
    public async ValueTask DisposeAsync()
    {
        await _embedder.DisposeAsync();
        Model.Dispose();
    }
}
