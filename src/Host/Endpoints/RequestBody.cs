using System.Buffers;
using Causerie.Gateway.Dialects;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Host.Serving;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Causerie.Host.Endpoints;

/// <summary>Reads the bodies of requests into memory: JSON only, as it is, and not too much of it.</summary>
internal static class RequestBody
{
    /// <summary>The whole body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="options">How long it may be.</param>
    /// <param name="mayBeMissing">Whether a request without a body is one with an empty body.</param>
    /// <exception cref="RejectedException">It is no JSON by its header, is compressed, or too large.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, ServerOptions options, bool mayBeMissing = false)
    {
        if (mayBeMissing && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return default;
        if (!request.HasJsonContentType())
        {
            throw Reject(
                415, $"The content type must be application/json, not '{request.ContentType ?? "none"}'.",
                "unsupported_content_type");
        }

        CheckEncoding(request);
        // Kestrel's own limit cuts the connection before the client can read why; it drains what is refused here.
        LiftLimit(request);
        if (request.ContentLength > options.MaxRequestBytes)
            throw TooLarge(options);
        try
        {
            var body = new ArrayBufferWriter<byte>((int)Math.Max(request.ContentLength ?? 0, 256));
            int read;
            while ((read = await request.Body.ReadAsync(body.GetMemory(4096), request.HttpContext.RequestAborted)) > 0)
            {
                body.Advance(read);
                if (body.WrittenCount > options.MaxRequestBytes)
                    throw TooLarge(options);
            }

            return body.WrittenMemory;
        }
        catch (BadHttpRequestException failure)
        {
            throw Unreadable(failure);
        }
    }

    /// <summary>Refuses a compressed body.</summary>
    public static void CheckEncoding(HttpRequest request)
    {
        if (request.Headers.ContainsKey(HeaderNames.ContentEncoding))
            throw Reject(415, "Compressed bodies are not supported.", "unsupported_content_encoding");
    }

    /// <summary>Lets a body of any length through, for whoever has a limit of its own.</summary>
    public static void LiftLimit(HttpRequest request)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
    }

    /// <summary>A body that the server could not read to its end.</summary>
    public static RejectedException Unreadable(BadHttpRequestException failure) =>
        Reject(failure.StatusCode, $"The body could not be read: {failure.Message}", "bad_request");

    private static RejectedException TooLarge(ServerOptions options) => Reject(
        413, $"The body is larger than the {options.MaxRequestBytes:N0} bytes that this server takes.",
        "request_too_large");

    private static RejectedException Reject(int status, string message, string code) =>
        new(Errors.Invalid(message, null, code, status));
}
