using System.Buffers;
using System.Collections.Immutable;
using Causerie.Gateway.Dialects.OpenAi;

namespace Causerie.Gateway.Dialects;

/// <summary>OpenAI's chat completions. Each field is honoured or refused by name: see <see cref="ChatFields"/>.</summary>
public sealed class OpenAiChat : Dialect
{
    /// <inheritdoc/>
    public override string Name => "openai-chat";

    /// <inheritdoc/>
    public override ImmutableArray<string> Paths => ["/v1/chat/completions", "/chat/completions"];

    /// <inheritdoc/>
    public override DialectCall Read(ReadOnlyMemory<byte> body, DialectContext context)
    {
        using var document = OpenAiBody.Parse(body);
        var draft = new ChatDraft();
        ChatFields.Read(draft, document.RootElement);
        return draft.Finish(context);
    }

    /// <inheritdoc/>
    public override DialectError Describe(Exception failure) => Errors.Describe(failure);

    /// <inheritdoc/>
    public override void WriteError(DialectError error, IBufferWriter<byte> output) => Errors.Write(error, output);
}
