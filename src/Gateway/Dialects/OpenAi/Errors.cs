using System.Buffers;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>OpenAI's error envelope: which status, type and code each failure has, and its JSON.</summary>
public static class Errors
{
    private const string InvalidRequest = "invalid_request_error";
    private const string Server = "server_error";

    /// <summary>A request at fault.</summary>
    public static DialectError Invalid(string message, string? param, string? code, int status = 400) =>
        new(status, InvalidRequest, message, param, code);

    /// <summary>OpenAI's account of any exception; faults of ours say nothing of their insides.</summary>
    public static DialectError Describe(Exception failure) => failure switch
    {
        RejectedException rejected => rejected.Error,
        ChatException chat => Describe(chat),
        _ => new DialectError(500, Server, "The server met an error of its own; its log has the details.", null,
            "internal_error"),
    };

    /// <summary>Writes <c>{"error":{message,type,param,code}}</c>.</summary>
    public static void Write(DialectError error, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, Json.WriterOptions);
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", error.Message);
        json.WriteString("type", error.Type);
        json.WriteString("param", error.Param);
        json.WriteString("code", error.Code);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static DialectError Describe(ChatException chat) => chat.Kind switch
    {
        ChatErrorKind.InvalidRequest => Invalid(chat.Message, chat.Field, "invalid_value"),
        ChatErrorKind.Unsupported => Invalid(chat.Message, chat.Field, "unsupported_parameter"),
        ChatErrorKind.ModelNotFound => Invalid(chat.Message, "model", "model_not_found", 404),
        ChatErrorKind.ContextLengthExceeded =>
            Invalid(chat.Message, chat.Field ?? "messages", "context_length_exceeded"),
        ChatErrorKind.Overloaded => new DialectError(503, Server, chat.Message, chat.Field, "overloaded")
        {
            RetryAfter = chat.RetryAfter ?? TimeSpan.FromSeconds(1),
        },
        ChatErrorKind.Unavailable => new DialectError(503, Server, chat.Message, chat.Field, "model_unavailable")
        {
            RetryAfter = chat.RetryAfter ?? TimeSpan.FromSeconds(2),
        },
        _ => new DialectError(500, Server, chat.Message, chat.Field, "internal_error"),
    };
}
