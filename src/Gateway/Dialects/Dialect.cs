using System.Collections.Immutable;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects;

/// <summary>One public API's way of asking and answering: its JSON becomes a <see cref="ChatRequest"/>, a
/// <see cref="ChatEvent"/> becomes its bytes. A new one is one new subclass; <see cref="Discover"/> finds it.</summary>
public abstract class Dialect : ApiDialect
{
    /// <summary>Reads one request body.</summary>
    /// <param name="body">The body as it came, UTF-8 JSON or not.</param>
    /// <param name="context">What the reader may know of the server.</param>
    /// <exception cref="RejectedException">The request is refused; the error says why, in this API's terms.</exception>
    public abstract DialectCall Read(ReadOnlyMemory<byte> body, DialectContext context);

    /// <summary>One of each dialect in this assembly, ordered by name.</summary>
    public static ImmutableArray<Dialect> Discover() => All<Dialect>();
}

/// <summary>What a dialect may know of the server while it reads a request.</summary>
/// <param name="Now">When the request came; answers carry it.</param>
/// <param name="Models">The models that answer now, for requests that leave the choice open.</param>
public sealed record DialectContext(DateTimeOffset Now, IReadOnlyList<ModelCard> Models)
{
    /// <summary>The id of an answer that is begun again, whose parts then have the ids that they had; null begins a new one.</summary>
    public string? AnswerId { get; init; }

    /// <summary>What the caller has stored under a kind and an id, as JSON; null where there is nothing.</summary>
    public Func<string, string, string?> Stored { get; init; } = static (_, _) => null;

    /// <summary>All that the caller has stored under a kind, oldest first, as JSON.</summary>
    public Func<string, IReadOnlyList<string>> AllStored { get; init; } = static _ => [];
}
