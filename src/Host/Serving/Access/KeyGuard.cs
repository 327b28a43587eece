using Causerie.Gateway.Dialects.OpenAi;

namespace Causerie.Host.Serving.Access;

/// <summary>Lets in who holds the key: programs by <c>Authorization: Bearer</c>, browsers by the sign-in cookie.</summary>
internal sealed class KeyGuard(RequestDelegate next, ServerOptions options, TimeProvider clock)
{
    private readonly ApiKey? _key = options.ApiKey is { } key ? new ApiKey(key) : null;

    public Task InvokeAsync(HttpContext http)
    {
        if (_key is null || http.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is not null || HoldsKey(http))
            return next(http);
        if (HttpMethods.IsGet(http.Request.Method) && http.Request.Headers.Accept.ToString().Contains("text/html"))
        {
            string to = http.Request.PathBase + http.Request.Path + http.Request.QueryString;
            http.Response.Redirect($"{SignIn.Path}?to={Uri.EscapeDataString(to)}");
            return Task.CompletedTask;
        }

        http.Response.Headers.WWWAuthenticate = "Bearer";
        string message = http.Request.Headers.Authorization.Count == 0
            ? "No API key was given. Send the server's key as 'Authorization: Bearer KEY'."
            : "The API key is not the one that this server was started with.";
        return http.RefuseAsync(Errors.Invalid(message, null, "invalid_api_key", 401));
    }

    private bool HoldsKey(HttpContext http)
    {
        const string Scheme = "Bearer ";
        string authorization = http.Request.Headers.Authorization.ToString();
        if (authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return _key!.Is(authorization[Scheme.Length..].Trim());
        return http.Request.Cookies[SignIn.Cookie] is { } ticket && _key!.Accepts(ticket, clock.GetUtcNow());
    }
}

/// <summary>Marks an endpoint that needs no key.</summary>
internal sealed class OpenToAll;
