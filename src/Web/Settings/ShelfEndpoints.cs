using Causerie.Chat;
using Causerie.Web.Pages;
using Causerie.Web.State;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Causerie.Web.Settings;

/// <summary>Takes the path of a model file from the page to the host's shelf.</summary>
internal static class ShelfEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ModelShelf shelf) =>
        routes.MapPost("/page/shelf", async (PathBody body) =>
        {
            try
            {
                // A page that goes away does not stop the loading.
                await shelf.LoadAsync(body.Path.Trim(), CancellationToken.None);
                return Results.NoContent();
            }
            catch (ChatException e)
            {
                return Results.Json(new PageError(e.Message), statusCode: 409);
            }
        });

    private sealed record PathBody(string Path);
}
