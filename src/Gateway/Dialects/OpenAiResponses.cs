using System.Buffers;
using System.Collections.Immutable;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Gateway.Dialects.OpenAi.Responses;

namespace Causerie.Gateway.Dialects;

/// <summary>OpenAI's Responses API. Each field is honoured or refused by name: see <see cref="ResponseFields"/>.</summary>
public sealed class OpenAiResponses : Dialect
{
    /// <inheritdoc/>
    public override string Name => "openai-responses";

    /// <inheritdoc/>
    public override ImmutableArray<string> Paths => ["/v1/responses", "/responses"];

    /// <inheritdoc/>
    public override DialectCall Read(ReadOnlyMemory<byte> body, DialectContext context)
    {
        using var document = OpenAiBody.Parse(body);
        var draft = new ResponseDraft();
        ResponseFields.Read(draft, document.RootElement);
        return draft.Finish(context);
    }

    /// <inheritdoc/>
    public override DialectError Describe(Exception failure) => Errors.Describe(failure);

    /// <inheritdoc/>
    public override void WriteError(DialectError error, IBufferWriter<byte> output) => Errors.Write(error, output);
}
