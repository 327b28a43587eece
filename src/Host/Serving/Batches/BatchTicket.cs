using System.Text.Json.Nodes;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects.OpenAi.Batches;
using Causerie.Host.Serving.Access;

namespace Causerie.Host.Serving.Batches;

/// <summary>What is kept of a batch beside what its caller sees, as long as it is at work.</summary>
/// <param name="Batch">Which.</param>
/// <param name="Asker">Who asks.</param>
/// <param name="OutputFileId">The name that its answers will have.</param>
/// <param name="ErrorFileId">The name that its failures will have.</param>
/// <param name="OutputLifetime">How long both are kept.</param>
/// <param name="Ending">How it ends, once that is certain.</param>
internal sealed record BatchTicket(
    string Batch, Caller Asker, string OutputFileId, string ErrorFileId, TimeSpan? OutputLifetime, string? Ending)
{
    /// <summary>Under which kind tickets are kept.</summary>
    public const string Kind = "batch at work";

    /// <summary>The ticket of a batch that begins.</summary>
    public static BatchTicket Begin(BatchObject batch, Caller asker, TimeSpan? outputLifetime) =>
        new(batch.Id, asker, ApiFiles.NewId(), ApiFiles.NewId(), outputLifetime, null);

    /// <summary>A ticket that was kept.</summary>
    public static BatchTicket From(ApiObject kept)
    {
        var json = JsonNode.Parse(kept.Json)!;
        return new BatchTicket(
            kept.Id, Caller.OfBatch((string)json["client"]!, (string)json["scope"]!, kept.Owner), (string)json["output"]!, (string)json["error"]!,
            (double?)json["lifetime"] is { } seconds ? TimeSpan.FromSeconds(seconds) : null, (string?)json["ending"]);
    }

    /// <summary>It, to be kept.</summary>
    public ApiObject ToObject(DateTimeOffset now) => new(Kind, Batch, Asker.Owner, now, new JsonObject
    {
        ["client"] = Asker.Client,
        ["scope"] = Asker.Scope,
        ["output"] = OutputFileId,
        ["error"] = ErrorFileId,
        ["lifetime"] = OutputLifetime?.TotalSeconds,
        ["ending"] = Ending,
    }.ToJsonString());
}
