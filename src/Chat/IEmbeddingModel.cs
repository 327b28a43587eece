namespace Causerie.Chat;

/// <summary>What turns texts into vectors: the house's second waist, beside <see cref="IChatModel"/>.</summary>
/// <remarks>Many a class is both, and says in a <see cref="ChatException"/> which of the two its model cannot be.</remarks>
public interface IEmbeddingModel
{
    /// <summary>The vectors of a request's inputs, in their order.</summary>
    /// <exception cref="ChatException">The request cannot be answered.</exception>
    /// <exception cref="OperationCanceledException">The caller left; the work stops within one pass.</exception>
    Task<EmbeddingAnswer> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken);
}
