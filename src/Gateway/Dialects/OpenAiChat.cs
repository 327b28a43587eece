using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
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
        using var document = Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new RejectedException(Errors.Invalid("The body must be a JSON object.", null, "invalid_json"));
        var draft = new ChatDraft();
        ChatFields.Read(draft, document.RootElement);
        return draft.Finish(context);
    }

    /// <inheritdoc/>
    public override DialectError Describe(Exception failure) => Errors.Describe(failure);

    /// <inheritdoc/>
    public override void WriteError(DialectError error, IBufferWriter<byte> output) => Errors.Write(error, output);

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonBody.Parse(body);
        }
        catch (JsonException failure)
        {
            string message = $"The body could not be read as JSON: {failure.Message.TrimEnd('.')}.";
            string code = failure.Path is null ? "invalid_json" : "duplicate_parameter";
            throw new RejectedException(Errors.Invalid(message, failure.Path, code));
        }
    }
}
