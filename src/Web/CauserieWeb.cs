using Causerie.Web.Chat;
using Causerie.Web.Pages;
using Causerie.Web.Settings;
using Causerie.Web.State;
using Causerie.Conversations.Turns;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causerie.Web;

/// <summary>Puts the chat page into a server.</summary>
public static class CauserieWeb
{
    /// <summary>Adds what the page is made of.</summary>
    /// <remarks>
    /// The host adds an <c>IChatModel</c>, a <c>TimeProvider</c>, the <c>Sqlite</c> of the conversations and, where
    /// models can be added, a <see cref="ModelShelf"/>.
    /// </remarks>
    public static IServiceCollection AddCauserieWeb(this IServiceCollection services)
    {
        services.AddLogging();
        services.AddSingleton<AssetFiles>();
        services.AddSingleton<TurnRunner>();
        services.AddSingleton<PageReader>();
        services.AddSingleton<Live>();
        return services;
    }

    /// <summary>Maps <c>/</c>, <c>/c/{id}</c>, <c>/page/…</c> and <c>/assets/…</c>.</summary>
    /// <param name="routes">The server.</param>
    /// <param name="open">Called with the endpoints that hold nothing private, which the sign-in page needs too.</param>
    public static void MapCauserieWeb(this IEndpointRouteBuilder routes, Action<IEndpointConventionBuilder>? open = null)
    {
        var pages = routes.MapGroup("").AddEndpointFilter(PageSecurity.Guard);
        var assets = routes.ServiceProvider.GetRequiredService<AssetFiles>();
        var files = pages.MapGet("/assets/{version}/{**name}",
            (HttpContext http, string version, string? name) => assets.Get(version, name, http));
        open?.Invoke(files);
        PageEndpoints.Map(pages);
        ChatEndpoints.Map(pages);
        LiveEndpoint.Map(pages);
        if (routes.ServiceProvider.GetService<ModelShelf>() is { } shelf)
            ShelfEndpoints.Map(pages, shelf);
    }

    /// <summary>Writes the sign-in page, whose form posts <c>key</c> and <c>to</c> to <c>/signin</c>.</summary>
    /// <param name="http">The request; its language is the page's.</param>
    /// <param name="to">Where to go once signed in; the host has checked that it is a path of this server.</param>
    /// <param name="wrong">A key was given and was not the one; the status is 401.</param>
    public static Task WriteSignInAsync(this HttpContext http, string to, bool wrong) => http.RenderAsync<SignInPage>(
        wrong ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK,
        ("Visitor", Visitor.Of(http.Request)), ("Files", http.RequestServices.GetRequiredService<AssetFiles>()),
        ("To", to), ("Wrong", wrong));
}
