using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;

namespace Causerie.Host.Endpoints;

/// <summary>Kept responses: one, its input items, deletion.</summary>
internal static class ResponseEndpoints
{
    private const string Kind = "response";
    private const int MostItems = 100;

    public static void Map(IEndpointRouteBuilder routes, ApiObjects objects)
    {
        foreach (string path in (string[])["/v1/responses", "/responses"])
        {
            routes.MapGet(path + "/{id}", (HttpContext http, string id) => OneAsync(http, objects, id));
            routes.MapDelete(path + "/{id}", (HttpContext http, string id) => DeleteAsync(http, objects, id));
            routes.MapPost(path + "/{id}/cancel", (HttpContext http, string id) => CancelAsync(http, objects, id));
            routes.MapGet(path + "/{id}/input_items", (HttpContext http, string id) => ItemsAsync(http, objects, id));
        }
    }

    private static Task OneAsync(HttpContext http, ApiObjects objects, string id)
    {
        if (Find(http, objects, id) is not { } kept)
            return MissingAsync(http, id);
        return http.Request.Query["stream"] == "true"
            ? http.RefuseAsync(Errors.Invalid("This response was not made in the background; its events cannot be streamed again.", "stream", "unsupported_value"))
            : WriteAsync(http, kept["response"]!);
    }

    private static Task DeleteAsync(HttpContext http, ApiObjects objects, string id) =>
        objects.Delete(Kind, id, Caller.OwnerOf(http))
            ? WriteAsync(http, new JsonObject { ["id"] = id, ["object"] = "response", ["deleted"] = true })
            : MissingAsync(http, id);

    private static Task CancelAsync(HttpContext http, ApiObjects objects, string id) => Find(http, objects, id) is null
        ? MissingAsync(http, id)
        : http.RefuseAsync(Errors.Invalid("Only responses that are made in the background can be cancelled.", "response_id", "invalid_value"));

    private static Task ItemsAsync(HttpContext http, ApiObjects objects, string id)
    {
        if (Find(http, objects, id) is not { } kept)
            return MissingAsync(http, id);
        var query = http.Request.Query;
        if (!TryLimit(query["limit"], out int limit))
            return http.RefuseAsync(Errors.Invalid($"'limit' must be a whole number from 1 to {MostItems}.", "limit", "invalid_value"));
        if ((string?)query["order"] is not (null or "asc" or "desc"))
            return http.RefuseAsync(Errors.Invalid("'order' must be 'asc' or 'desc'.", "order", "invalid_value"));
        List<JsonNode> items = [.. kept["input"]!.AsArray().Select(item => item!)];
        if (query["order"] != "asc")
            items.Reverse();
        if ((string?)query["after"] is { } after)
        {
            int at = items.FindIndex(item => (string?)item["id"] == after);
            if (at < 0)
                return http.RefuseAsync(Errors.Invalid($"There is no item '{after}'.", "after", "invalid_value"));
            items.RemoveRange(0, at + 1);
        }

        JsonNode[] page = [.. items.Take(limit).Select(item => item.DeepClone())];
        return WriteAsync(http, new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray(page),
            ["has_more"] = items.Count > limit,
            ["first_id"] = (string?)page.FirstOrDefault()?["id"],
            ["last_id"] = (string?)page.LastOrDefault()?["id"],
        });
    }

    private static bool TryLimit(string? asked, out int limit)
    {
        limit = 20;
        return asked is null || (int.TryParse(asked, out limit) && limit is >= 1 and <= MostItems);
    }

    private static JsonNode? Find(HttpContext http, ApiObjects objects, string id) =>
        objects.Find(Kind, id, Caller.OwnerOf(http)) is { } kept ? JsonNode.Parse(kept.Json) : null;

    private static Task MissingAsync(HttpContext http, string id) => http.RefuseAsync(
        Errors.Invalid($"The response '{id}' is not kept here.", "response_id", "response_not_found", 404));

    private static Task WriteAsync(HttpContext http, JsonNode json) => http.WriteJsonAsync(output =>
        output.Write(Encoding.UTF8.GetBytes(json.ToJsonString(new JsonSerializerOptions
        {
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        }))));
}
