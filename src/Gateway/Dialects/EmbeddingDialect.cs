using System.Buffers;
using System.Collections.Immutable;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects;

/// <summary>One public API's way of asking for vectors: its JSON becomes an <see cref="EmbeddingRequest"/>, an
/// <see cref="EmbeddingAnswer"/> becomes its bytes. A new one is one new subclass; <see cref="Discover"/> finds it.</summary>
public abstract class EmbeddingDialect : ApiDialect
{
    /// <summary>Reads one request body.</summary>
    /// <param name="body">The body as it came, UTF-8 JSON or not.</param>
    /// <param name="context">What the reader may know of the server.</param>
    /// <exception cref="RejectedException">The request is refused; the error says why, in this API's terms.</exception>
    public abstract EmbeddingCall Read(ReadOnlyMemory<byte> body, DialectContext context);

    /// <summary>One of each dialect in this assembly, ordered by name.</summary>
    public static ImmutableArray<EmbeddingDialect> Discover() => All<EmbeddingDialect>();
}

/// <summary>One request for vectors that was understood, and the writer of its answer in the same API's shape.</summary>
public abstract class EmbeddingCall(EmbeddingRequest request)
{
    /// <summary>What is asked.</summary>
    public EmbeddingRequest Request { get; } = request;

    /// <summary>Writes the answer.</summary>
    public abstract void Write(EmbeddingAnswer answer, IBufferWriter<byte> output);
}
