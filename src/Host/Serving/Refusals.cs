using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Gateway.Dialects;
using Causerie.Gateway.Dialects.OpenAi;

namespace Causerie.Host.Serving;

/// <summary>Writes answers of JSON, and refusals: OpenAI's envelope where no dialect of its own is in charge.</summary>
internal static class Refusals
{
    public static Task RefuseAsync(this HttpContext http, DialectError error) => http.RefuseAsync(error, Errors.Write);

    public static async Task RefuseAsync(
        this HttpContext http, DialectError error, Action<DialectError, IBufferWriter<byte>> write)
    {
        http.Response.StatusCode = error.Status;
        if (error.RetryAfter is { } wait)
        {
            http.Response.Headers.RetryAfter =
                Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        await http.WriteJsonAsync(output => write(error, output));
    }

    public static async Task WriteJsonAsync(this HttpContext http, Action<IBufferWriter<byte>> write)
    {
        var body = new ArrayBufferWriter<byte>();
        write(body);
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(body.WrittenMemory, http.RequestAborted);
    }

    /// <summary>Answers with JSON, letters of every script as themselves.</summary>
    public static Task WriteJsonAsync(this HttpContext http, JsonNode node) => http.WriteJsonAsync(Written(node));

    /// <summary>Writes JSON, letters of every script as themselves.</summary>
    public static Action<IBufferWriter<byte>> Written(JsonNode node) => output =>
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        node.WriteTo(json);
    };

    /// <summary>Fills in the envelope where routing alone decided, and turns escaped exceptions into it.</summary>
    public static async Task EnvelopeAsync(HttpContext http, RequestDelegate next)
    {
        await next(http);
        var response = http.Response;
        if (response.HasStarted || response.ContentType is not null || response.ContentLength is not null)
            return;
        string path = http.Request.Path;
        DialectError? error = response.StatusCode switch
        {
            404 => Errors.Invalid(
                $"There is nothing at '{http.Request.Method} {path}'.", null, "unknown_url", 404),
            405 => Errors.Invalid(
                $"'{path}' does not take {http.Request.Method}; it takes {response.Headers.Allow}.", null,
                "method_not_allowed", 405),
            415 => Errors.Invalid(
                $"'{path}' does not take bodies of this type.", null, "unsupported_content_type", 415),
            _ => null,
        };
        if (error is not null)
            await http.RefuseAsync(error);
    }
}
