using System.Text.Encodings.Web;

namespace Causerie.Host.Serving.Access;

/// <summary>The door for people on a server with a key: a form takes the key, a cookie remembers that it was right.</summary>
internal static class SignIn
{
    public const string Path = "/signin";
    public const string Cookie = "causerie";
    private static readonly TimeSpan Lasts = TimeSpan.FromDays(30);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (HttpContext http) => PageAsync(http, http.Request.Query["to"], wrong: false))
            .WithMetadata(new OpenToAll());
        routes.MapPost(Path, PostAsync).WithMetadata(new OpenToAll());
    }

    private static async Task PostAsync(HttpContext http, ServerOptions options, TimeProvider clock)
    {
        if (!http.Request.HasFormContentType)
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        string? to = form["to"];
        if (options.ApiKey is { } set)
        {
            var key = new ApiKey(set);
            if (!key.Is(form["key"].ToString().Trim()))
            {
                http.Response.StatusCode = StatusCodes.Status401Unauthorized;
                await PageAsync(http, to, wrong: true);
                return;
            }

            var expires = clock.GetUtcNow() + Lasts;
            http.Response.Cookies.Append(Cookie, key.Ticket(expires), new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                Secure = http.Request.IsHttps,
                Expires = expires,
                Path = "/",
            });
        }

        http.Response.Redirect(Local(to));
    }

    // Only a path of this server: "//host" and "/\host" would lead elsewhere.
    private static string Local(string? to) =>
        to is ['/'] or ['/', not ('/' or '\\'), ..] && to.All(c => c is > ' ' and <= '~') ? to : "/";

    private static Task PageAsync(HttpContext http, string? to, bool wrong)
    {
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsync($$"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>Causerie: sign in</title>
            <style>
              body { font: 1rem/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; }
              form { display: grid; gap: .75rem; width: min(22rem, 90vw); }
              input, button { font: inherit; padding: .5rem; }
              p { margin: 0; color: #b00020; }
              :root { color-scheme: light dark; }
            </style>
            <form method="post" action="{{Path}}">
              <label for="key">This server's key</label>
              <input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
              <input name="to" type="hidden" value="{{HtmlEncoder.Default.Encode(Local(to))}}">
              {{(wrong ? "<p role=\"alert\">That is not the key.</p>" : "")}}
              <button>Sign in</button>
            </form>
            </html>
            """, http.RequestAborted);
    }
}
