using System.Net;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Host.Serving.Limits;

namespace Causerie.Host.Serving.Access;

/// <summary>Keeps other web sites from using this server through a visitor's browser.</summary>
/// <remarks>
/// A name that is not ours in <c>Host</c> is a site that made its name point here (DNS rebinding); an <c>Origin</c>
/// that is not ours is a page of another site. Pages of <see cref="ServerOptions.AllowedOrigins"/> get CORS headers.
/// </remarks>
internal sealed class OriginGuard(RequestDelegate next, ServerOptions options)
{
    // With a key, a rebound name gains nothing: the site has neither the key nor the cookie.
    private readonly bool _anyHost = !options.ApiKeys.IsEmpty && options.AllowedHosts.IsEmpty;

    private readonly string _exposed = string.Join(", ", [RequestLog.Header, "retry-after", .. RateLimitGuard.Headers]);

    public Task InvokeAsync(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        if (!_anyHost && !IsOurs(http.Request.Host.Host))
        {
            return http.RefuseAsync(Errors.Invalid(
                $"This server does not answer to the host name '{http.Request.Host.Host}'. Use 127.0.0.1, or allow the "
                + "name with --allow-host.", null, "host_not_allowed", 403));
        }

        string? origin = http.Request.Headers.Origin;
        bool allowed = origin is not null && options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);
        if (allowed)
            return CrossOriginAsync(http, origin!);
        return IsForeign(http.Request, origin)
            ? http.RefuseAsync(Errors.Invalid(
                $"Pages of {origin ?? "other sites"} may not call this server. Allow an origin with --allow-origin.",
                null, "origin_not_allowed", 403))
            : next(http);
    }

    private Task CrossOriginAsync(HttpContext http, string origin)
    {
        var headers = http.Response.Headers;
        headers.AccessControlAllowOrigin = origin;
        headers.Vary = "Origin";
        headers.AccessControlExposeHeaders = _exposed;
        if (!HttpMethods.IsOptions(http.Request.Method))
            return next(http);
        headers.AccessControlAllowMethods = "GET, POST, DELETE";
        headers.AccessControlAllowHeaders = http.Request.Headers.AccessControlRequestHeaders;
        headers.AccessControlMaxAge = "600";
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private bool IsOurs(string host) =>
        host is "localhost"
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address))
        || string.Equals(host, options.Host, StringComparison.OrdinalIgnoreCase)
        || options.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    private static bool IsForeign(HttpRequest request, string? origin)
    {
        if (origin is not null)
        {
            return !Uri.TryCreate(origin, UriKind.Absolute, out var from)
                || !string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
        }

        // Without an Origin it may still be a page of another site that embeds ours; following a link is fine.
        return request.Headers["Sec-Fetch-Site"] == "cross-site" && request.Headers["Sec-Fetch-Mode"] != "navigate";
    }
}
