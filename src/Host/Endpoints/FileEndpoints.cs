using System.Text.Json.Nodes;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects.OpenAi.Files;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;
using Microsoft.Net.Http.Headers;

namespace Causerie.Host.Endpoints;

/// <summary>The Files API: files that callers send or batches write, listed, got, read and deleted.</summary>
internal sealed class FileEndpoints(ApiFiles files, ServerOptions options)
{
    private const int Most = 10_000; // of a list

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (string path in (string[])["/v1/files", "/files"])
        {
            routes.MapPost(path, UploadAsync);
            routes.MapGet(path, ListAsync);
            routes.MapGet(path + "/{id}", (HttpContext http, string id) => KeptPage.AnswerAsync(http, () => Told(Find(http, id))));
            routes.MapGet(path + "/{id}/content", (HttpContext http, string id) => ReadAsync(http, id));
            routes.MapDelete(path + "/{id}", (HttpContext http, string id) => KeptPage.AnswerAsync(http, () => Delete(http, id)));
        }
    }

    private static JsonObject Told(ApiFile file) =>
        FileObject.Of(file.Id, file.Name, file.Purpose, file.Bytes, file.Created, file.Expires);

    private Task UploadAsync(HttpContext http) => KeptPage.AnswerAsync(http, async () =>
        Told(await new FileUpload(files, options.MaxFileBytes).ReadAsync(http.Request, Caller.OwnerOf(http))));

    private Task ListAsync(HttpContext http) => KeptPage.AnswerAsync(http, () =>
    {
        var page = KeptPage.Read(http, ascending: false, Most, Most, "purpose");
        string owner = Caller.OwnerOf(http);
        string? purpose = http.Request.Query["purpose"];
        return page.Of(
            after => files.Find(after, owner) is not null,
            files.Walk(owner, page.After, page.Ascending).Where(file => purpose is null || file.Purpose == purpose).Select(Told));
    });

    private async Task ReadAsync(HttpContext http, string id)
    {
        FileStream? bytes = null;
        try
        {
            var file = Find(http, id);
            await using (bytes = files.Read(file) ?? throw KeptPage.Missing("file", id, "file_id"))
            {
                http.Response.ContentType = "application/octet-stream";
                http.Response.ContentLength = bytes.Length;
                var name = new ContentDispositionHeaderValue("attachment");
                name.SetHttpFileName(file.Name);
                http.Response.Headers.ContentDisposition = name.ToString();
                await bytes.CopyToAsync(http.Response.Body, http.RequestAborted);
            }
        }
        catch (Gateway.Dialects.RejectedException refused)
        {
            await http.RefuseAsync(refused.Error);
        }
    }

    private JsonObject Delete(HttpContext http, string id) => files.Delete(id, Caller.OwnerOf(http))
        ? new JsonObject { ["id"] = id, ["object"] = "file", ["deleted"] = true }
        : throw KeptPage.Missing("file", id, "file_id");

    private ApiFile Find(HttpContext http, string id) =>
        files.Find(id, Caller.OwnerOf(http)) ?? throw KeptPage.Missing("file", id, "file_id");
}
