using Causerie.Chat;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Host.Serving;

namespace Causerie.Host.Endpoints;

/// <summary>Which models are here.</summary>
internal static class ModelEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, IChatModel model)
    {
        foreach (string path in (string[])["/v1/models", "/models"])
        {
            routes.MapGet(path, (HttpContext http) =>
                http.WriteJsonAsync(output => ModelList.Write(model.Models, output)));
            routes.MapGet(path + "/{**id}", (HttpContext http, string id) =>
                // The server leaves an escaped slash in a path as it came; clients escape it.
                OneAsync(http, model, id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)));
        }
    }

    private static Task OneAsync(HttpContext http, IChatModel model, string id) =>
        model.Models.FirstOrDefault(card => card.Id == id) is { } card
            ? http.WriteJsonAsync(output => ModelList.Write(card, output))
            : http.RefuseAsync(
                Errors.Invalid($"The model '{id}' does not exist.", "model", "model_not_found", 404));
}
