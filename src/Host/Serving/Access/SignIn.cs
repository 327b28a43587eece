using Causerie.Web;

namespace Causerie.Host.Serving.Access;

/// <summary>The door for people on a server with a key: a form takes the key, a cookie remembers that it was right.</summary>
internal static class SignIn
{
    public const string Path = "/signin";
    public const string Cookie = "causerie";
    private static readonly TimeSpan Lasts = TimeSpan.FromDays(30);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (HttpContext http) => http.WriteSignInAsync(Local(http.Request.Query["to"]), wrong: false))
            .WithMetadata(new OpenToAll());
        routes.MapPost(Path, PostAsync).WithMetadata(new OpenToAll());
    }

    private static async Task PostAsync(HttpContext http, KeyRing keys, TimeProvider clock)
    {
        if (!http.Request.HasFormContentType)
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        string? to = form["to"];
        if (!keys.IsEmpty)
        {
            if (keys.Holder(form["key"].ToString().Trim()) is not { } key)
            {
                await http.WriteSignInAsync(Local(to), wrong: true);
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
}
