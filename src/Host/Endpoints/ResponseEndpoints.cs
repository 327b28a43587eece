using System.Text.Json.Nodes;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Host.Serving.Access;

namespace Causerie.Host.Endpoints;

/// <summary>Kept responses: one, its input items, deletion.</summary>
internal sealed class ResponseEndpoints(ApiObjects objects)
{
    private const string Kind = "response";
    private const string ItemKind = "response item";

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (string path in (string[])["/v1/responses", "/responses"])
        {
            string one = path + "/{id}";
            routes.MapGet(one, (HttpContext http, string id) => KeptPage.AnswerAsync(http, () => One(http, id)));
            routes.MapDelete(one, (HttpContext http, string id) => KeptPage.AnswerAsync(http, () => Delete(http, id)));
            routes.MapPost(one + "/cancel", (HttpContext http, string id) => KeptPage.AnswerAsync(http, () => Cancel(http, id)));
            routes.MapGet(one + "/input_items", (HttpContext http, string id) =>
                KeptPage.AnswerAsync(http, () => Items(http, id)));
        }
    }

    private JsonNode One(HttpContext http, string id)
    {
        var kept = Find(http, id);
        return http.Request.Query["stream"] == "true"
            ? throw new RejectedException(Errors.Invalid(
                "This response was not made in the background; its events cannot be streamed again.", "stream", "unsupported_value"))
            : kept["response"]!;
    }

    private JsonObject Delete(HttpContext http, string id)
    {
        string owner = Caller.OwnerOf(http);
        foreach (var item in Find(http, id)["response"]!["output"]!.AsArray())
            objects.Delete(ItemKind, (string)item!["id"]!, owner);
        objects.Delete(Kind, id, owner);
        return new JsonObject { ["id"] = id, ["object"] = "response", ["deleted"] = true };
    }

    private JsonNode Cancel(HttpContext http, string id)
    {
        Find(http, id);
        throw new RejectedException(Errors.Invalid(
            "Only responses that are made in the background can be cancelled.", "response_id", "invalid_value"));
    }

    private JsonObject Items(HttpContext http, string id) => KeptPage.Read(http, ascending: false, "include", "include[")
        .Of(Find(http, id)["input"]!.AsArray().Select(item => item!));

    private JsonNode Find(HttpContext http, string id) => objects.Find(Kind, id, Caller.OwnerOf(http)) is { } kept
        ? JsonNode.Parse(kept.Json)!
        : throw KeptPage.Missing("response", id, "response_id");
}
