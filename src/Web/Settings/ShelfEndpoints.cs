using Causerie.Web.State;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Causerie.Web.Settings;

/// <summary>Takes the path of a model file from the page to the host's shelf.</summary>
internal static class ShelfEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ModelShelf shelf) =>
        // A page that goes away does not stop the loading.
        routes.MapPost("/page/shelf", (PathBody body) => shelf.LoadAsync(body.Path.Trim(), CancellationToken.None));

    private sealed record PathBody(string Path);
}
