using Causerie.Chat;
using Causerie.Conversations.Storage;
using Microsoft.AspNetCore.Http;

namespace Causerie.Web.Pages;

/// <summary>What a browser may do with our pages: run our scripts, speak to this server, nothing else.</summary>
internal static class PageSecurity
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; "
        + "require-trusted-types-for 'script'; trusted-types causerie";

    /// <summary>
    /// Sets the headers, turns away what another site sends through a visitor's browser, and tells why something could
    /// not be done.
    /// </summary>
    public static async ValueTask<object?> Guard(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        Apply(context.HttpContext.Response);
        if (IsForeign(context.HttpContext.Request))
            return Refusal("Pages of other sites may not speak to this server.", 403);
        try
        {
            return await next(context);
        }
        catch (ChatException e) when (!context.HttpContext.Response.HasStarted)
        {
            return Refusal(e.Message, 409);
        }
        catch (StorageException e) when (!context.HttpContext.Response.HasStarted)
        {
            return Refusal(e.Message, 500);
        }
    }

    public static void Apply(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        if (headers.CacheControl.Count == 0)
            headers.CacheControl = "no-store";
    }

    private static IResult Refusal(string why, int status) => Results.Json(new PageError(why), statusCode: status);

    // A page of another site that posts here sends its own origin; so does every browser with a fetch of ours.
    private static bool IsForeign(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method))
            return request.Headers["Sec-Fetch-Site"] == "cross-site" && request.Headers["Sec-Fetch-Mode"] != "navigate";
        string? origin = request.Headers.Origin;
        return origin is not null && (!Uri.TryCreate(origin, UriKind.Absolute, out var from)
            || !from.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>Why something that the page asked for was not done; the page shows it.</summary>
internal sealed record PageError(string Error);
