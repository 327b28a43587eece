namespace Causerie.Chat;

/// <summary>The one interface that the whole house shares: a request goes down, a stream of events comes up.</summary>
/// <remarks>
/// The local engine, providers, the router (which is a model made of models), recording and the test doubles implement
/// it; the API, the web chat and the terminal consume it.
/// </remarks>
public interface IChatModel
{
    /// <summary>The models that answer here now: one for an engine, many for a router. May change over time.</summary>
    IReadOnlyList<ModelCard> Models { get; }

    /// <summary>Answers <paramref name="request"/>.</summary>
    /// <returns>Events in the order that <see cref="ChatEvent"/> states; lazily, one answer per enumeration.</returns>
    /// <exception cref="ChatException">The request cannot be answered; thrown from the first or any later step.</exception>
    /// <exception cref="OperationCanceledException">The caller left; the work stops within one token.</exception>
    IAsyncEnumerable<ChatEvent> StreamAsync(ChatRequest request, CancellationToken cancellationToken);
}

/// <summary>What a caller may know of a model before asking it anything.</summary>
/// <param name="Id">The id that <see cref="ChatRequest.Model"/> names.</param>
/// <param name="Created">When the model file was made.</param>
/// <param name="OwnedBy">Who serves it: <c>causerie</c> for a local file, else the provider's name.</param>
public sealed record ModelCard(string Id, DateTimeOffset Created, string OwnedBy)
{
    /// <summary>A name for people; the id where the model has none.</summary>
    public string? Name { get; init; }

    /// <summary>The longest prompt and answer together, in tokens.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Number of weights.</summary>
    public long? Parameters { get; init; }

    /// <summary>Bytes on disk.</summary>
    public long? FileSize { get; init; }

    /// <summary>Architecture as the model file names it.</summary>
    public string? Architecture { get; init; }

    /// <summary>The tensor format that most weights are in, such as <c>Q4_K</c>.</summary>
    public string? Format { get; init; }

    /// <summary>Whether it writes answers; false of one that only turns texts into vectors.</summary>
    public bool Chats { get; init; } = true;

    /// <summary>Whether it came with the program: it answers where there is no other, and steps back where there is.</summary>
    public bool IsBuiltIn { get; init; }
}
