using System.Collections.Immutable;
using Causerie.Chat;

namespace Causerie.Gateway.Routing;

/// <summary>A model made of models: hands each request to the one that it names. Models come and go while it runs.</summary>
/// <remarks>Readers see an immutable snapshot, so a request that has begun keeps its model.</remarks>
public sealed class Router : IChatModel, IEmbeddingModel
{
    private ImmutableArray<IChatModel> _members = [];

    /// <inheritdoc/>
    public IReadOnlyList<ModelCard> Models => [.. _members.SelectMany(member => member.Models)];

    /// <summary>Adds a model, behind those already there.</summary>
    /// <exception cref="ArgumentException">One of its ids is already served.</exception>
    public void Add(IChatModel model) =>
        ImmutableInterlocked.Update(
            ref _members,
            static (members, added) =>
            {
                foreach (var card in added.Models)
                {
                    if (Find(members, card.Id) is not null)
                        throw new ArgumentException($"A model called '{card.Id}' is already served.", nameof(model));
                }

                return members.Add(added);
            },
            model);

    /// <summary>Takes a model away; answers that it is giving go on.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(IChatModel model) =>
        ImmutableInterlocked.Update(ref _members, static (members, gone) => members.Remove(gone), model);

    /// <inheritdoc/>
    /// <exception cref="ChatException">No model has the id that the request names; the message lists those there are.
    /// </exception>
    public IAsyncEnumerable<ChatEvent> StreamAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        var members = _members;
        return Find(members, request.Model) is { } member
            ? member.StreamAsync(request, cancellationToken)
            : throw NotFound(request.Model, members);
    }

    /// <summary>What to say to who asks for a model that is not here.</summary>
    public ChatException NotFound(string id) => NotFound(id, _members);

    /// <inheritdoc/>
    /// <exception cref="ChatException">No model has the id that the request names, or the one that has it gives no embeddings.
    /// </exception>
    public Task<EmbeddingAnswer> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken)
    {
        var members = _members;
        var member = Find(members, request.Model) ?? throw NotFound(request.Model, members);
        return member is IEmbeddingModel model
            ? model.EmbedAsync(request, cancellationToken)
            : throw new ChatException(ChatErrorKind.Unsupported, $"The model '{request.Model}' gives no embeddings.", "model");
    }

    private static IChatModel? Find(ImmutableArray<IChatModel> members, string id)
    {
        foreach (var member in members)
        {
            foreach (var card in member.Models)
            {
                if (string.Equals(card.Id, id, StringComparison.Ordinal))
                    return member;
            }
        }

        return null;
    }

    private static ChatException NotFound(string id, ImmutableArray<IChatModel> members)
    {
        string[] ids = [.. members.SelectMany(member => member.Models).Select(card => $"'{card.Id}'")];
        string known = ids.Length == 0
            ? "No model is served here yet: start the server with --model FILE, or get one with 'causerie pull'."
            : $"Models here: {string.Join(", ", ids)}.";
        return new ChatException(ChatErrorKind.ModelNotFound, $"The model '{id}' does not exist. {known}", "model");
    }
}
