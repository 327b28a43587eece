using System.Text.Json;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>Parses the body of a request of OpenAI's: a JSON object.</summary>
internal static class OpenAiBody
{
    /// <summary>The body; the caller disposes the document.</summary>
    /// <exception cref="RejectedException">It is none.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        JsonDocument document;
        try
        {
            document = JsonBody.Parse(body);
        }
        catch (JsonException failure)
        {
            string message = $"The body could not be read as JSON: {failure.Message.TrimEnd('.')}.";
            string code = failure.Path is null ? "invalid_json" : "duplicate_parameter";
            throw new RejectedException(Errors.Invalid(message, failure.Path, code));
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw new RejectedException(Errors.Invalid("The body must be a JSON object.", null, "invalid_json"));
    }
}
