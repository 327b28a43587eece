using System.Buffers;
using System.Globalization;
using System.Text.Json.Nodes;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Gateway.Dialects.OpenAi.Responses;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;
using Causerie.Host.Serving.Background;

namespace Causerie.Host.Endpoints;

/// <summary>Responses that are kept or made in the background: one, its events, its input items, cancelling, deletion.</summary>
internal sealed class ResponseEndpoints(ApiObjects objects, BackgroundAnswers background)
{
    private const string Kind = StoredResponse.Kind;

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (string path in (string[])["/v1/responses", "/responses"])
        {
            string one = path + "/{id}";
            routes.MapGet(one, (HttpContext http, string id) => OneAsync(http, id));
            routes.MapDelete(one, (HttpContext http, string id) => KeptPage.AnswerAsync(http, () => DeleteAsync(http, id)));
            routes.MapPost(one + "/cancel", (HttpContext http, string id) => KeptPage.AnswerAsync(http, () => CancelAsync(http, id)));
            routes.MapGet(one + "/input_items", (HttpContext http, string id) =>
                KeptPage.AnswerAsync(http, () => Items(http, id)));
        }
    }

    /// <summary>Sends the events of an answer that is made in the background.</summary>
    public static async Task SendAsync(HttpContext http, IAsyncEnumerable<byte[]> events, CancellationToken cancellationToken)
    {
        await foreach (byte[] one in events.WithCancellation(cancellationToken))
        {
            http.Response.BodyWriter.Write(one);
            await http.Response.BodyWriter.FlushAsync(cancellationToken);
        }
    }

    private async Task OneAsync(HttpContext http, string id)
    {
        if (http.Request.Query["stream"] != "true")
        {
            await KeptPage.AnswerAsync(http, () => Find(http, id)["response"]!);
            return;
        }

        string? asked = http.Request.Query["starting_after"];
        int after = -1;
        if (asked is not null && !(int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out after) && after is >= 0 and < int.MaxValue))
        {
            await http.RefuseAsync(Errors.Invalid("'starting_after' must be the number of an event.", "starting_after", "invalid_value"));
            return;
        }

        string owner = Caller.OwnerOf(http);
        var events = background.Find(owner, id)?.FollowAsync(after, http.RequestAborted) ?? background.Ended(owner, id, after)?.ToAsyncEnumerable();
        if (events is null)
        {
            await KeptPage.AnswerAsync(http, () => Unstreamable(Find(http, id)));
            return;
        }

        http.Response.ContentType = StoredResponse.EventsContentType;
        http.Response.Headers.CacheControl = "no-cache";
        await SendAsync(http, events, http.RequestAborted);
    }

    private static JsonNode Unstreamable(JsonNode kept) => throw new RejectedException(Errors.Invalid(
        $"The response '{(string?)kept["response"]!["id"]}' was not made in the background; its events cannot be streamed again.",
        "stream", "unsupported_value"));

    private async Task<JsonNode> DeleteAsync(HttpContext http, string id)
    {
        string owner = Caller.OwnerOf(http);
        _ = Find(http, id);
        // One that is still being made would be kept once more when it ends.
        await background.ForgetAsync(owner, id, http.RequestAborted);
        foreach (var item in Find(http, id)["response"]!["output"]!.AsArray())
            objects.Delete(StoredResponse.ItemKind, (string)item!["id"]!, owner);
        objects.Delete(Kind, id, owner);
        return new JsonObject { ["id"] = id, ["object"] = "response", ["deleted"] = true };
    }

    private async Task<JsonNode> CancelAsync(HttpContext http, string id)
    {
        var kept = Find(http, id)["response"]!;
        if ((bool?)kept["background"] != true)
        {
            throw new RejectedException(Errors.Invalid(
                "Only responses that are made in the background can be cancelled.", "response_id", "invalid_value"));
        }

        if (background.Find(Caller.OwnerOf(http), id) is not { } entry)
            return kept;
        entry.Cancel();
        await entry.Completion.WaitAsync(http.RequestAborted);
        return Find(http, id)["response"]!;
    }

    private JsonObject Items(HttpContext http, string id) => KeptPage.Read(http, ascending: false, "include", "include[")
        .Of(Find(http, id)["input"]!.AsArray().Select(item => item!));

    private JsonNode Find(HttpContext http, string id)
    {
        string owner = Caller.OwnerOf(http);
        if (objects.Find(Kind, id, owner) is not { } kept)
            throw KeptPage.Missing("response", id, "response_id");
        if (background.Find(owner, id) is { } entry)
            return JsonNode.Parse(entry.Now())!;
        var found = JsonNode.Parse(kept.Json)!;
        var response = found["response"]!;
        if ((string?)response["status"] is "queued" or "in_progress")
        {
            response["status"] = "failed";
            response["error"] = new JsonObject
            {
                ["code"] = "server_error",
                ["message"] = "The server stopped before the response was complete. Ask again.",
            };
        }

        return found;
    }
}
