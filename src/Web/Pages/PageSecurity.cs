using Microsoft.AspNetCore.Http;

namespace Causerie.Web.Pages;

/// <summary>What a browser may do with our pages: run our own scripts, speak to this server, and nothing else.</summary>
internal static class PageSecurity
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; "
        + "require-trusted-types-for 'script'; trusted-types causerie";

    /// <summary>Sets the headers, and turns away what another site sends through a visitor's browser.</summary>
    public static async ValueTask<object?> Guard(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        Apply(context.HttpContext.Response);
        return IsForeign(context.HttpContext.Request)
            ? Results.Json(new PageError("Pages of other sites may not speak to this server."), statusCode: 403)
            : await next(context);
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
