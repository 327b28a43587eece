using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>Writes the server-sent events that all of OpenAI's streams share.</summary>
internal static class EventStream
{
    /// <summary>The media type.</summary>
    public const string ContentType = "text/event-stream; charset=utf-8";

    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>A new id of a completion.</summary>
    public static string NewId(string prefix) => prefix + RandomNumberGenerator.GetString(Letters, 29);

    /// <summary>An event of JSON.</summary>
    /// <param name="output">Receives the bytes.</param>
    /// <param name="write">Writes the JSON value.</param>
    /// <param name="name">The event's name; null leaves it without.</param>
    public static void Write(IBufferWriter<byte> output, Action<Utf8JsonWriter> write, string? name = null)
    {
        if (name is not null)
            Encoding.UTF8.GetBytes($"event: {name}\n", output);
        output.Write("data: "u8);
        using (var json = new Utf8JsonWriter(output, Json.WriterOptions))
            write(json);
        output.Write("\n\n"u8);
    }

    /// <summary>The end of a stream.</summary>
    public static void WriteDone(IBufferWriter<byte> output) => output.Write("data: [DONE]\n\n"u8);

    /// <summary>A comment, which tells a person who watches how much of the prompt is read.</summary>
    public static void WriteKeepAlive(ChatEvent? latest, IBufferWriter<byte> output) => Encoding.UTF8.GetBytes(
        latest is ChatProgress progress ? $": prompt {progress.PromptTokensDone}/{progress.PromptTokens}\n\n" : ": keep-alive\n\n", output);

    /// <summary>The error envelope, as the last event.</summary>
    public static void WriteFailure(DialectError error, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        Errors.Write(error, output);
        output.Write("\n\n"u8);
    }
}
