using System.Text.Json;
using Causerie.Host.Models;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;

namespace Causerie.Host.Endpoints;

/// <summary>Whether the server is ready, for whoever watches it: 503 while the models named at start are loading.</summary>
internal static class HealthEndpoint
{
    public static void Map(IEndpointRouteBuilder routes, ModelLibrary library, Opening opening) =>
        routes.MapMethods("/health", ["GET", "HEAD"], (HttpContext http) =>
        {
            http.Response.StatusCode = opening.Done ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            http.Response.Headers.CacheControl = "no-store";
            return http.WriteJsonAsync(output =>
            {
                using var json = new Utf8JsonWriter(output);
                json.WriteStartObject();
                json.WriteString("status", opening.Done ? "ok" : "loading");
                json.WriteStartArray("models");
                foreach (var model in library.Models)
                {
                    json.WriteStartObject();
                    json.WriteString("id", model.Id);
                    json.WriteString("state", model.State switch
                    {
                        LibraryState.Shelved => "shelved",
                        LibraryState.Loading => "loading",
                        LibraryState.Loaded => "loaded",
                        _ => "failed",
                    });
                    if (model.State == LibraryState.Loading)
                        json.WriteNumber("progress", Math.Round(model.Progress, 2));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            });
        }).WithMetadata(new OpenToAll());
}
