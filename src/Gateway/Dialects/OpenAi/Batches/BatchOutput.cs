using System.Buffers;
using System.Text.Json;

namespace Causerie.Gateway.Dialects.OpenAi.Batches;

/// <summary>Lines of the files that a batch writes: written, and read again when it goes on after a restart.</summary>
/// <param name="CustomId">Which request it answers.</param>
/// <param name="Usage">What the answer used.</param>
public sealed record BatchOutput(string CustomId, BatchUsage Usage)
{
    /// <summary>The line of a request that was answered or refused.</summary>
    /// <param name="customId">Which.</param>
    /// <param name="status">The answer's HTTP status.</param>
    /// <param name="requestId">Names it in the server's log.</param>
    /// <param name="body">Its body.</param>
    public static byte[] Answered(string customId, int status, string requestId, JsonElement body) => Line(customId, json =>
    {
        json.WriteStartObject("response");
        json.WriteNumber("status_code", status);
        json.WriteString("request_id", requestId);
        json.WritePropertyName("body");
        body.WriteTo(json);
        json.WriteEndObject();
        json.WriteNull("error");
    });

    /// <summary>The line of a request that will not be answered.</summary>
    /// <param name="customId">Which.</param>
    /// <param name="code">Why not, for programs.</param>
    /// <param name="message">Why not, for people.</param>
    public static byte[] Unanswered(string customId, string code, string message) => Line(customId, json =>
    {
        json.WriteNull("response");
        json.WriteStartObject("error");
        json.WriteString("code", code);
        json.WriteString("message", message);
        json.WriteEndObject();
    });

    /// <summary>What a line says; null where it is torn.</summary>
    public static BatchOutput? Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var response = root.GetProperty("response");
            return new BatchOutput(
                root.GetProperty("custom_id").GetString()!,
                response.ValueKind == JsonValueKind.Object ? BatchUsage.Of(response.GetProperty("body")) : default);
        }
        catch (Exception torn) when (torn is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static byte[] Line(string customId, Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Json.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("id", BatchObject.NewId("batch_req"));
            json.WriteString("custom_id", customId);
            write(json);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
        return output.WrittenSpan.ToArray();
    }
}
