using System.Text.Json.Nodes;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects.OpenAi.Responses;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;

namespace Causerie.Host.Endpoints;

/// <summary>The Conversations API: conversations that responses go on with, and their items.</summary>
internal sealed class ConversationEndpoints(ApiObjects objects, ServerOptions options, TimeProvider clock)
{
    private const string Kind = ConversationBody.Kind;

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (string path in (string[])["/v1/conversations", "/conversations"])
        {
            string one = path + "/{id}", items = one + "/items";
            routes.MapPost(path, BeginAsync);
            routes.MapGet(one, (HttpContext http, string id) => KeptPage.AnswerAsync(http, () => Find(http, id)));
            routes.MapPost(one, (HttpContext http, string id) => KeptPage.AnswerAsync(http, () => ChangeAsync(http, id)));
            routes.MapDelete(one, (HttpContext http, string id) => KeptPage.AnswerAsync(http, () => Delete(http, id)));
            routes.MapGet(items, (HttpContext http, string id) => KeptPage.AnswerAsync(http, () => Items(http, id)));
            routes.MapPost(items, (HttpContext http, string id) => KeptPage.AnswerAsync(http, () => AddAsync(http, id)));
            routes.MapGet(items + "/{item}", (HttpContext http, string id, string item) =>
                KeptPage.AnswerAsync(http, () => Item(http, id, item)));
            routes.MapDelete(items + "/{item}", (HttpContext http, string id, string item) =>
                KeptPage.AnswerAsync(http, () => DeleteItem(http, id, item)));
        }
    }

    private Task BeginAsync(HttpContext http) => KeptPage.AnswerAsync(http, () => CreateAsync(http));

    private async Task<JsonNode> CreateAsync(HttpContext http)
    {
        var (metadata, items) = ConversationBody.Read(await RequestBody.ReadAsync(http.Request, options, mayBeMissing: true), itemsAsked: false);
        var now = clock.GetUtcNow();
        string id = ConversationBody.NewId();
        var conversation = new JsonObject
        {
            ["id"] = id,
            ["object"] = "conversation",
            ["created_at"] = now.ToUnixTimeSeconds(),
            ["metadata"] = metadata ?? [],
        };
        objects.Put([new ApiObject(Kind, id, Caller.OwnerOf(http), now, conversation.ToJsonString()), .. Kept(http, id, items, now)]);
        return conversation;
    }

    private async Task<JsonNode> ChangeAsync(HttpContext http, string id)
    {
        var (metadata, items) = ConversationBody.Read(await RequestBody.ReadAsync(http.Request, options, mayBeMissing: true), itemsAsked: false);
        var conversation = Find(http, id);
        conversation["metadata"] = metadata ?? [];
        var now = clock.GetUtcNow();
        objects.Put([new ApiObject(Kind, id, Caller.OwnerOf(http), now, conversation.ToJsonString()), .. Kept(http, id, items, now)]);
        return conversation;
    }

    private JsonObject Delete(HttpContext http, string id)
    {
        if (!objects.Delete(Kind, id, Caller.OwnerOf(http)))
            throw KeptPage.Missing("conversation", id, "conversation_id");
        objects.DeleteAll(ConversationBody.ItemKind(id), Caller.OwnerOf(http));
        return new JsonObject { ["id"] = id, ["object"] = "conversation.deleted", ["deleted"] = true };
    }

    private JsonObject Items(HttpContext http, string id)
    {
        var page = KeptPage.Read(http, ascending: false, "include", "include[");
        Find(http, id);
        return page.Of(http, objects, ConversationBody.ItemKind(id), item => item);
    }

    private async Task<JsonNode> AddAsync(HttpContext http, string id)
    {
        var (_, items) = ConversationBody.Read(await RequestBody.ReadAsync(http.Request, options, mayBeMissing: true), itemsAsked: true);
        Find(http, id);
        objects.Put([.. Kept(http, id, items, clock.GetUtcNow())]);
        return new KeptPage(items.Count, true, null).Of(items.Select(item => item!));
    }

    private JsonNode Item(HttpContext http, string id, string item)
    {
        Find(http, id);
        return objects.Find(ConversationBody.ItemKind(id), item, Caller.OwnerOf(http)) is { } kept
            ? JsonNode.Parse(kept.Json)!
            : throw KeptPage.Missing("item", item, "item_id");
    }

    private JsonNode DeleteItem(HttpContext http, string id, string item)
    {
        var conversation = Find(http, id);
        return objects.Delete(ConversationBody.ItemKind(id), item, Caller.OwnerOf(http))
            ? conversation
            : throw KeptPage.Missing("item", item, "item_id");
    }

    private static IEnumerable<ApiObject> Kept(HttpContext http, string id, JsonArray items, DateTimeOffset now) => items.Select(item =>
        new ApiObject(ConversationBody.ItemKind(id), (string)item!["id"]!, Caller.OwnerOf(http), now, item.ToJsonString()));

    private JsonNode Find(HttpContext http, string id) => objects.Find(Kind, id, Caller.OwnerOf(http)) is { } kept
        ? JsonNode.Parse(kept.Json)!
        : throw KeptPage.Missing("conversation", id, "conversation_id");
}
