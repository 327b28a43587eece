using System.Text.Json.Nodes;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Gateway.Dialects.OpenAi.Batches;
using Causerie.Gateway.Dialects.OpenAi.Files;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;
using Causerie.Host.Serving.Batches;

namespace Causerie.Host.Endpoints;

/// <summary>The Batches API: files of requests that are answered in the background.</summary>
internal sealed class BatchEndpoints(
    ApiObjects objects, ApiFiles files, BatchRunner runner, BatchTargets targets, ServerOptions options)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (string path in (string[])["/v1/batches", "/batches"])
        {
            routes.MapPost(path, BeginAsync);
            routes.MapGet(path, ListAsync);
            routes.MapGet(path + "/{id}", (HttpContext http, string id) => KeptPage.AnswerAsync(http, () => Find(http, id)));
            routes.MapPost(path + "/{id}/cancel", (HttpContext http, string id) => KeptPage.AnswerAsync(http, () => Cancel(http, id)));
        }
    }

    private Task BeginAsync(HttpContext http) => KeptPage.AnswerAsync(http, async () =>
    {
        var draft = BatchDraft.Read(await RequestBody.ReadAsync(http.Request, options), targets.Paths);
        var asker = http.Features.Get<Caller>() ?? Caller.OfBatch("", "", "");
        if (files.Find(draft.InputFileId, asker.Owner) is not { } input)
            throw Refused($"There is no file '{draft.InputFileId}' here.", "file_not_found");
        if (input.Purpose != FileObject.Batch)
            throw Refused($"The file '{input.Id}' has the purpose '{input.Purpose}', not '{FileObject.Batch}'.", "invalid_value");
        return runner.Begin(draft, Caller.OfBatch(asker.Client, asker.Scope, asker.Owner));

        static RejectedException Refused(string message, string code) => new(Errors.Invalid(message, "input_file_id", code));
    });

    private Task ListAsync(HttpContext http) => KeptPage.AnswerAsync(http, () =>
    {
        string owner = Caller.OwnerOf(http);
        return KeptPage.Read(http, ascending: false).Of(http, objects, BatchObject.Kind, kept => runner.Now(owner, (string)kept["id"]!) ?? kept);
    });

    private JsonNode Cancel(HttpContext http, string id)
    {
        string status = (string)Find(http, id)["status"]!;
        return runner.Cancel(Caller.OwnerOf(http), id) ? Find(http, id) : throw new RejectedException(Errors.Invalid(
            $"The batch '{id}' is {status} and cannot be cancelled.", "batch_id", "invalid_value"));
    }

    private JsonNode Find(HttpContext http, string id)
    {
        string owner = Caller.OwnerOf(http);
        if (runner.Now(owner, id) is { } now)
            return now;
        return objects.Find(BatchObject.Kind, id, owner) is { } kept
            ? JsonNode.Parse(kept.Json)!
            : throw KeptPage.Missing("batch", id, "batch_id");
    }
}
