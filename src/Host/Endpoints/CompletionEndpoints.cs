using System.Text.Json.Nodes;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;

namespace Causerie.Host.Endpoints;

/// <summary>Kept chat completions: list, one, its messages, change of metadata, deletion.</summary>
internal sealed class CompletionEndpoints(ApiObjects objects, ServerOptions options, TimeProvider clock)
{
    private const string Kind = StoredCompletion.Kind;

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (string path in (string[])["/v1/chat/completions", "/chat/completions"])
        {
            routes.MapGet(path, ListAsync);
            routes.MapGet(path + "/{id}", (HttpContext http, string id) =>
                KeptPage.AnswerAsync(http, () => Find(http, id)["completion"]!));
            routes.MapGet(path + "/{id}/messages", (HttpContext http, string id) =>
                KeptPage.AnswerAsync(http, () => Messages(http, id)));
            routes.MapPost(path + "/{id}", (HttpContext http, string id) => KeptPage.AnswerAsync(http, () => ChangeAsync(http, id)));
            routes.MapDelete(path + "/{id}", (HttpContext http, string id) =>
                KeptPage.AnswerAsync(http, () => Delete(http, id)));
        }
    }

    private Task ListAsync(HttpContext http) => KeptPage.AnswerAsync(http, () => List(http));

    private JsonObject List(HttpContext http)
    {
        var page = KeptPage.Read(http, ascending: true, "model", "metadata[");
        var query = http.Request.Query;
        string[] names = [.. query.Keys.Where(key => key.StartsWith("metadata[", StringComparison.Ordinal) && key.EndsWith(']'))];
        return page.Of(http, objects, Kind, kept =>
        {
            var one = kept["completion"]!;
            bool asked = ((string?)query["model"] is not { } model || (string?)one["model"] == model)
                && names.All(key => (string?)one["metadata"]?[key["metadata[".Length..^1]] == query[key]);
            return asked ? one : null;
        });
    }

    private JsonObject Messages(HttpContext http, string id)
    {
        var page = KeptPage.Read(http, ascending: true);
        var messages = Find(http, id)["messages"]!.AsArray().Select((message, i) =>
        {
            var kept = message!.DeepClone().AsObject();
            kept["id"] = $"{id}-{i}";
            kept["refusal"] ??= null;
            kept["content"] ??= null;
            return kept;
        });
        return page.Of(messages);
    }

    private async Task<JsonNode> ChangeAsync(HttpContext http, string id)
    {
        var metadata = StoredCompletion.ReadMetadata(await RequestBody.ReadAsync(http.Request, options));
        var kept = Find(http, id);
        kept["completion"]!["metadata"] = metadata;
        objects.Put(new ApiObject(Kind, id, Caller.OwnerOf(http), clock.GetUtcNow(), kept.ToJsonString()));
        return kept["completion"]!;
    }

    private JsonObject Delete(HttpContext http, string id) => objects.Delete(Kind, id, Caller.OwnerOf(http))
        ? new JsonObject { ["object"] = "chat.completion.deleted", ["id"] = id, ["deleted"] = true }
        : throw KeptPage.Missing("completion", id, "completion_id");

    private JsonNode Find(HttpContext http, string id) => objects.Find(Kind, id, Caller.OwnerOf(http)) is { } kept
        ? JsonNode.Parse(kept.Json)!
        : throw KeptPage.Missing("completion", id, "completion_id");
}
