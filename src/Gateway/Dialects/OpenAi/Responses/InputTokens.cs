using System.Text.Json.Nodes;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi.Responses;

/// <summary>Counts what a response would read: the same body as that of a response, answered with a number.</summary>
public static class InputTokens
{
    /// <summary>What a response to the same body would ask of the model.</summary>
    /// <exception cref="RejectedException">The body is refused, as that of a response would be.</exception>
    public static ChatRequest Read(ReadOnlyMemory<byte> body, DialectContext context)
    {
        using var document = OpenAiBody.Parse(body);
        var draft = new ResponseDraft();
        ResponseFields.Read(draft, document.RootElement);
        return draft.ToCount(context);
    }

    /// <summary>The answer.</summary>
    public static JsonObject Answer(int tokens) => new() { ["object"] = "response.input_tokens", ["input_tokens"] = tokens };
}
