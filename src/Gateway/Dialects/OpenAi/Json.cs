using System.Text.Encodings.Web;
using System.Text.Json;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>How answers are written: letters of every script as themselves, since no HTML is near.</summary>
internal static class Json
{
    public static JsonWriterOptions WriterOptions { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static JsonSerializerOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
