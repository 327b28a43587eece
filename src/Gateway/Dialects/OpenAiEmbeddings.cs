using System.Buffers;
using System.Collections.Immutable;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Gateway.Dialects.OpenAi.Embeddings;

namespace Causerie.Gateway.Dialects;

/// <summary>OpenAI's embeddings. Each field is honoured or refused by name: see <see cref="EmbeddingFields"/>.</summary>
public sealed class OpenAiEmbeddings : EmbeddingDialect
{
    /// <inheritdoc/>
    public override string Name => "openai-embeddings";

    /// <inheritdoc/>
    public override ImmutableArray<string> Paths => ["/v1/embeddings", "/embeddings"];

    /// <inheritdoc/>
    public override EmbeddingCall Read(ReadOnlyMemory<byte> body, DialectContext context)
    {
        using var document = OpenAiBody.Parse(body);
        var draft = new EmbeddingDraft();
        EmbeddingFields.Read(draft, document.RootElement);
        return draft.Finish(context);
    }

    /// <inheritdoc/>
    public override DialectError Describe(Exception failure) => Errors.Describe(failure);

    /// <inheritdoc/>
    public override void WriteError(DialectError error, IBufferWriter<byte> output) => Errors.Write(error, output);
}
