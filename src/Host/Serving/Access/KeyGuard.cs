using Causerie.Gateway.Dialects.OpenAi;

namespace Causerie.Host.Serving.Access;

/// <summary>Lets in who holds a key: programs by <c>Authorization: Bearer</c>, browsers by the sign-in cookie.</summary>
/// <remarks>What comes through has its <see cref="Caller"/> among the request's features.</remarks>
internal sealed class KeyGuard(RequestDelegate next, ServerOptions options, KeyRing keys, TimeProvider clock)
{
    public Task InvokeAsync(HttpContext http)
    {
        var holder = Holder(http);
        if (holder is not null || keys.IsEmpty || http.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is not null)
        {
            http.Features.Set(Caller.Of(http, holder, options.SharePrompts));
            return next(http);
        }

        if (HttpMethods.IsGet(http.Request.Method) && http.Request.Headers.Accept.ToString().Contains("text/html"))
        {
            string to = http.Request.PathBase + http.Request.Path + http.Request.QueryString;
            http.Response.Redirect($"{SignIn.Path}?to={Uri.EscapeDataString(to)}");
            return Task.CompletedTask;
        }

        http.Response.Headers.WWWAuthenticate = "Bearer";
        string message = http.Request.Headers.Authorization.Count == 0
            ? "No API key was given. Send the server's key as 'Authorization: Bearer KEY'."
            : "The API key is none of those that this server was started with.";
        return http.RefuseAsync(Errors.Invalid(message, null, "invalid_api_key", 401));
    }

    private ApiKey? Holder(HttpContext http)
    {
        const string Scheme = "Bearer ";
        if (keys.IsEmpty)
            return null;
        string authorization = http.Request.Headers.Authorization.ToString();
        if (authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return keys.Holder(authorization[Scheme.Length..].Trim());
        return http.Request.Cookies[SignIn.Cookie] is { } ticket ? keys.HolderOf(ticket, clock.GetUtcNow()) : null;
    }
}

/// <summary>Marks an endpoint that needs no key.</summary>
internal sealed class OpenToAll;
