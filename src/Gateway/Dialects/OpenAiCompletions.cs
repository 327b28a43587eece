using System.Buffers;
using System.Collections.Immutable;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Gateway.Dialects.OpenAi.Completions;

namespace Causerie.Gateway.Dialects;

/// <summary>OpenAI's completions of before chat: a text goes on. Each field is honoured or refused by name.</summary>
public sealed class OpenAiCompletions : Dialect
{
    /// <inheritdoc/>
    public override string Name => "openai-completions";

    /// <inheritdoc/>
    public override ImmutableArray<string> Paths => ["/v1/completions", "/completions"];

    /// <inheritdoc/>
    public override DialectCall Read(ReadOnlyMemory<byte> body, DialectContext context)
    {
        using var document = OpenAiBody.Parse(body);
        var draft = new CompletionDraft();
        CompletionFields.Read(draft, document.RootElement);
        return draft.Finish(context);
    }

    /// <inheritdoc/>
    public override DialectError Describe(Exception failure) => Errors.Describe(failure);

    /// <inheritdoc/>
    public override void WriteError(DialectError error, IBufferWriter<byte> output) => Errors.Write(error, output);
}
